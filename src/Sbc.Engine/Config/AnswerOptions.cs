namespace Sbc.Engine.Config;

/// <summary><c>answer_options</c>: whose OPTIONS to this box are answered 200.</summary>
public enum AnswerOptions
{
    /// <summary>Nobody's.</summary>
    None,

    /// <summary>Those of peers (and of registered users): a stranger's scan finds nothing.</summary>
    Known,

    /// <summary>Everybody's.</summary>
    All,
}
