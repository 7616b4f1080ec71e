using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sbc.Demo;

/// <summary>A baresip that registers at the box, plays a tone when it talks, and keeps what it hears.</summary>
internal sealed class Baresip : IDisposable
{
    private readonly int _port;
    private readonly string _folder;

    /// <param name="port">Its SIP port; the next ten are its RTP's, then comes that of its commands.</param>
    /// <param name="tone">What it says, in Hz.</param>
    public Baresip(string user, string password, int port, int tone, string folder)
    {
        _port = port;
        Tone = tone;
        string own = Path.Combine(folder, user);
        Directory.CreateDirectory(own);
        _folder = own;
        File.WriteAllText(Path.Combine(own, "config"), $"""
            module_path {Modules}
            module g711.so
            module ausine.so
            module sndfile.so
            module_tmp account.so
            module_app ctrl_tcp.so
            module_app menu.so
            net_interface {Plan.Edge}
            sip_listen {Plan.Edge}:{port}
            ctrl_tcp_listen {Plan.Edge}:{ControlPort}
            rtp_ports {port + 2}-{port + 12}
            audio_source ausine,{tone}
            snd_path {own}
            ausrc_srate 48000
            ausrc_channels 2

            """);
        File.WriteAllText(Path.Combine(own, "accounts"),
            $"<sip:{user}@{Plan.Edge}>;auth_pass={password};answermode=auto;regint=60\n");
        File.WriteAllText(Path.Combine(own, "contacts"), "");
        User = user;
        Process = new Child(user, folder, "baresip", "-f", own);
    }

    public string User { get; }

    public int Tone { get; }

    public Child Process { get; }

    public bool IsRegistered => Process.Log.Contains("200 OK", StringComparison.Ordinal);

    public bool IsTalking => Process.Log.Contains("Call established", StringComparison.Ordinal);

    public bool HasHungUp => Process.Log.Contains("terminated", StringComparison.Ordinal);

    private int ControlPort => _port + 14;

    /// <summary>Where Debian's package puts its modules: beside the libraries or not, by version.</summary>
    private static string Modules => Directory.Exists("/usr/lib/baresip/modules")
        ? "/usr/lib/baresip/modules"
        : Directory.GetDirectories("/usr/lib", "modules", SearchOption.AllDirectories)
            .FirstOrDefault(folder => folder.EndsWith("/baresip/modules", StringComparison.Ordinal))
            ?? throw new DemoFailed("baresip has no modules");

    public Task DialAsync(string user, CancellationToken stop) =>
        CommandAsync("dial", $"sip:{user}@{Plan.Edge}", stop);

    public Task HangUpAsync(CancellationToken stop) => CommandAsync("hangup", "", stop);

    /// <summary>What is in the file that its module sndfile wrote of the audio that came.</summary>
    public Heard Heard(int tone) => Demo.Heard.Read(
        Directory.GetFiles(_folder, "*dec.wav").FirstOrDefault() ?? Path.Combine(_folder, "nothing"), tone);

    public void Dispose() => Process.Dispose();

    /// <summary>A command of its menu, as a netstring of JSON (module ctrl_tcp).</summary>
    private async Task CommandAsync(string command, string parameters, CancellationToken stop)
    {
        try
        {
            using var control = new TcpClient();
            await control.ConnectAsync(Plan.Edge, ControlPort, stop);
            string json = $$"""{"command":"{{command}}","params":"{{parameters}}","token":"{{command}}"}""";
            await control.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{json.Length}:{json},")), stop);
            // It answers each command; one that is not waited for would be lost with the connection.
            await control.GetStream().ReadAtLeastAsync(new byte[512], 1, throwOnEndOfStream: false, stop);
        }
        catch (SocketException problem)
        {
            throw new DemoFailed($"{User} takes no commands: {problem.Message}");
        }
    }
}
