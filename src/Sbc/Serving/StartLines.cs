using Sbc.Engine.Config;
using Sbc.Network;
using Sbc.Program.Logging;

namespace Sbc.Program.Serving;

/// <summary>What the log says once, at the start.</summary>
public static class StartLines
{
    public static void Write(Server server)
    {
        string listeners = string.Join(", ", server.Listeners.Sockets.Select(listener => $"udp://{listener.Local}"));
        server.Log.Write(new LogLine(
            LogLevel.Info, "start", $"sbc {BuildInfo.Current} serves {listeners}; admin at {server.Admin.Url}",
            ("version", BuildInfo.Current.Version), ("commit", BuildInfo.Current.Commit), ("listeners", listeners),
            ("admin", server.Admin.Url)));
        foreach (UdpListener listener in server.Listeners.Sockets)
        {
            Buffer(server, listener, "receive", listener.ReceiveBuffer, KernelSettings.ReceiveBufferBytesMax);
            Buffer(server, listener, "send", listener.SendBuffer, KernelSettings.SendBufferBytesMax);
        }
    }

    public static void WriteRegistrations(Server server, int loaded, int lost)
    {
        string gone = lost == 0 ? "" : $"; {lost} are of a listener that is gone, and come back with their refresh";
        server.Log.Write(new LogLine(
            lost == 0 ? LogLevel.Info : LogLevel.Warning, "registrations_loaded",
            $"{loaded} registrations are known from {server.Config.Registrar!.Store}{gone}",
            ("file", server.Config.Registrar.Store!), ("loaded", $"{loaded}"), ("lost", $"{lost}")));
    }

    private static void Buffer(
        Server server, UdpListener listener, string kind, SocketBuffer buffer, string setting)
    {
        if (!buffer.IsShort) return;
        string repair = $"sysctl -w {setting}={buffer.RequestedBytes}";
        server.Log.Write(new LogLine(
            LogLevel.Warning, $"{kind}_buffer_short",
            $"udp://{listener.Local}: the {kind} buffer has {buffer.GrantedBytes} bytes in place of "
                + $"{buffer.RequestedBytes}, so bursts may be lost; repair: {repair}",
            ("listener", $"udp://{listener.Local}"), ("granted_bytes", $"{buffer.GrantedBytes}"),
            ("requested_bytes", $"{buffer.RequestedBytes}"), ("repair", repair)));
    }
}
