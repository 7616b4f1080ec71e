using Sbc.Runtime;

namespace Sbc.Program.Explaining;

/// <summary>Media ports that are bound nowhere: the SDP names them as it would.</summary>
internal sealed class ExplainedMedia : IPacketPorts, IPortBinder
{
    private int _handles;

    public bool TryBind(in TransportAddress local, byte dscp, out int handle, out int error)
    {
        handle = _handles++;
        error = 0;
        return true;
    }

    public void Release(int handle)
    {
    }

    public void Adopt(int handle, int key)
    {
    }

    public void Rekey(int handle, int key)
    {
    }

    public void Close(int handle)
    {
    }

    public int Receive(PacketPool pool, ReadOnlySpan<int> slots) => 0;

    public int Send(int handle, PacketPool pool, ReadOnlySpan<int> slots) => slots.Length;
}
