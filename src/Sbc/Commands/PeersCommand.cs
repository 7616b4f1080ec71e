using System.CommandLine;
using Sbc.Program.Admin;

namespace Sbc.Program.Commands;

/// <summary><c>sbc peers</c>: configured neighbours and their health.</summary>
public static class PeersCommand
{
    public static Command Create() => AdminCommand.Create(
        "peers", "List the peers of a running box", HttpMethod.Get, "/api/v1/peers",
        AdminJson.Default.PeersReport, Show);

    private static void Show(PeersReport report, Screen screen) => screen.Table(
        ["peer", "state", "realm", "address", "groups", "calls", "share %", "response ms"],
        [.. report.Peers.Select(peer => new[]
        {
            peer.Name, State(peer), peer.Realm, peer.Address, string.Join(", ", peer.Groups), $"{peer.CallsActive}",
            peer.SharePercent is { } share ? $"{share:0.0}" : "-",
            peer.ResponseMs is { } response ? $"{response:0.0}" : "-",
        })]);

    private static string State(PeerReport peer)
    {
        string health = !peer.Up ? "down" : peer.Probed ? "up" : "not probed";
        if (peer.Held) health += ", held";
        if (peer is { Up: true, StartPercent: < 100 }) health += $", at {peer.StartPercent} %";
        return peer.Draining ? $"{health}, draining" : health;
    }
}
