namespace Sbc.Network;

/// <summary>What a <see cref="TurnLoop"/> can wait for: one bit of a turn's <c>ready</c>.</summary>
public interface IPollable
{
    /// <summary>Readable (EPOLLIN, level-triggered) while there is something to receive.</summary>
    int PollDescriptor { get; }

    /// <summary>epoll saw EPOLLERR. Called on the worker's thread before its turn.</summary>
    void HintError();
}
