namespace Sbc.Engine.Config;

/// <summary>Every word of the configuration that is a choice among words.</summary>
public static class ConfigWords
{
    public static readonly WordTable<RealmTrust> Trust =
        new(("untrusted", RealmTrust.Untrusted), ("trusted", RealmTrust.Trusted));

    public static readonly WordTable<SipTransport> Transport = new(
        ("udp", SipTransport.Udp), ("tcp", SipTransport.Tcp), ("tls", SipTransport.Tls), ("ws", SipTransport.Ws),
        ("wss", SipTransport.Wss));

    public static readonly WordTable<NatMode> Nat = new(("auto", NatMode.Auto), ("off", NatMode.Off));

    public static readonly WordTable<AnswerOptions> AnswerOptions = new(
        ("all", Config.AnswerOptions.All), ("known", Config.AnswerOptions.Known), ("none", Config.AnswerOptions.None));

    public static readonly WordTable<InDialogSource> InDialogSource =
        new(("any", Config.InDialogSource.Any), ("same_ip", Config.InDialogSource.SameIP));

    public static readonly WordTable<Strictness> Strictness =
        new(("tolerant", Config.Strictness.Tolerant), ("strict", Config.Strictness.Strict));

    public static readonly WordTable<Latching> Latching = new(
        ("strict", Config.Latching.Strict), ("signalling", Config.Latching.Signalling), ("open", Config.Latching.Open));

    public static readonly WordTable<BalanceMethod> Balance = new(
        ("round_robin", BalanceMethod.RoundRobin), ("weighted", BalanceMethod.Weighted),
        ("least_calls", BalanceMethod.LeastCalls), ("two_choices", BalanceMethod.TwoChoices),
        ("call_id_hash", BalanceMethod.CallIdHash), ("source_hash", BalanceMethod.SourceHash),
        ("priority", BalanceMethod.Priority));

    public static readonly WordTable<PanicMode> Panic =
        new(("refuse", PanicMode.Refuse), ("spread", PanicMode.Spread));

    public static readonly WordTable<RouteMode> RouteMode =
        new(("call", Config.RouteMode.Call), ("forward", Config.RouteMode.Forward));

    public static readonly WordTable<ForkMode> Fork =
        new(("sequential", ForkMode.Sequential), ("parallel", ForkMode.Simultaneous));

    public static readonly WordTable<RegistrarMode> RegistrarMode =
        new(("local", Config.RegistrarMode.Local), ("relay", Config.RegistrarMode.Relay));

    public static readonly WordTable<KernelUse> Kernel =
        new(("auto", KernelUse.Auto), ("off", KernelUse.Off), ("required", KernelUse.Required));

    public static readonly WordTable<MediaDatapath> Datapath =
        new(("auto", MediaDatapath.Auto), ("sockets", MediaDatapath.Sockets), ("kernel", MediaDatapath.Kernel));

    public static readonly WordTable<LogLevel> LogLevel = new(
        ("debug", Config.LogLevel.Debug), ("info", Config.LogLevel.Info), ("warning", Config.LogLevel.Warning),
        ("error", Config.LogLevel.Error));

    public static readonly WordTable<LogFormat> LogFormat = new(
        ("auto", Config.LogFormat.Auto), ("text", Config.LogFormat.Text), ("json", Config.LogFormat.Json));
}
