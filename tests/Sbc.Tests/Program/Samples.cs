namespace Sbc.Tests.Program;

/// <summary>Configurations for a box on loopback, every port the system's choice.</summary>
public static class Samples
{
    /// <summary>Two realms with media, a farm of two peers where nobody answers, no probes.</summary>
    public const string Plain = """
        workers: 2
        media_workers: 1
        realms:
          edge:
            listen: ["udp://127.0.0.1:0"]
            media: {address: 127.0.0.1, ports: 20000-20099}
          core:
            trust: trusted
            listen: ["udp://127.0.0.1:0"]
            media: {address: 127.0.0.2, ports: 20000-20099}
        peers:
          proxy-a: {realm: core, uri: "sip:127.0.0.21:5060"}
          proxy-b: {realm: core, uri: "sip:127.0.0.22:5060"}
        groups:
          farm: {peers: [proxy-a, proxy-b], probe: {interval_seconds: 0}}
        routes:
          - {name: inbound, from: edge, to: farm}
        admin: {listen: "http://127.0.0.1:0"}
        """;

    /// <summary>One peer that is a socket of the test, without probes and media.</summary>
    public static string To(int port, int drainSeconds = 300) => $$$"""
        workers: 2
        realms:
          edge: {listen: ["udp://127.0.0.1:0"]}
          core: {trust: trusted, listen: ["udp://127.0.0.1:0"]}
        peers:
          proxy: {realm: core, uri: "sip:127.0.0.1:{{{port}}}"}
        groups:
          farm: {peers: [proxy], probe: {interval_seconds: 0}}
        routes:
          - {name: inbound, from: edge, to: farm}
        drain:
          seconds_max: {{{drainSeconds}}}
        admin: {listen: "http://127.0.0.1:0"}
        """;
}
