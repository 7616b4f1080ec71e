using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Sbc.Tests.Peers;

/// <summary>A real baresip: commands go to it, and events come from it, over its module ctrl_tcp.</summary>
/// <remarks>
/// It plays a tone and keeps what it hears, a file for each call. Its RTP leaves from the machine's first loopback
/// address, whatever it listens on, so the box has to latch openly here.
/// </remarks>
public sealed class BaresipPhone : IDisposable
{
    private const int ControlPort = 4444;

    private readonly PeerProcess _process;
    private readonly TcpClient _control = new();
    private readonly List<string> _events = [];
    private readonly string _folder;
    private int _seen;
    private bool _isDisposed;

    /// <summary>A phone of a user at an address of its own, whose server is the box or a proxy.</summary>
    /// <param name="account">Parameters of its account: whether it registers, and its password.</param>
    public BaresipPhone(
        PeerLab lab, string user, string address, string server, int firstPort, string account = "regint=0")
    {
        string folder = lab.Folder(user);
        File.WriteAllText(Path.Combine(folder, "config"), $"""
            module_path {Modules}
            module g711.so
            module ausine.so
            module aufile.so
            module sndfile.so
            module_tmp account.so
            module_app ctrl_tcp.so
            module_app menu.so
            net_interface {address}
            sip_listen {address}:5060
            ctrl_tcp_listen {address}:{ControlPort}
            rtp_ports {firstPort}-{firstPort + 99}
            audio_source ausine,440
            audio_player aufile,{Path.Combine(folder, "heard.wav")}
            audio_alert aufile,{Path.Combine(folder, "alert.wav")}
            snd_path {folder}
            ausrc_srate 48000
            ausrc_channels 2

            """);
        File.WriteAllText(Path.Combine(folder, "accounts"), $"<sip:{user}@{server}>;{account};answermode=manual\n");
        File.WriteAllText(Path.Combine(folder, "contacts"), "");
        User = user;
        _folder = folder;
        _process = lab.Start("baresip", "-f", folder).WaitFor("baresip is ready", 30);
        _control.Connect(IPAddress.Parse(address), ControlPort);
        new Thread(Read) { IsBackground = true }.Start();
    }

    public string User { get; }

    /// <summary>What it has heard, a file for each call (module sndfile); they are whole when the phone has gone.
    /// </summary>
    public IReadOnlyList<string> HeardFiles => Directory.GetFiles(_folder, "*dec.wav");

    /// <summary>Where Debian's package puts its modules: beside the libraries or not, by version.</summary>
    private static string Modules => Directory.Exists("/usr/lib/baresip/modules")
        ? "/usr/lib/baresip/modules"
        : Directory.GetDirectories("/usr/lib", "modules", SearchOption.AllDirectories)
            .First(folder => folder.EndsWith("/baresip/modules", StringComparison.Ordinal));

    /// <summary>Gives a command of the menu, as one types it.</summary>
    public void Do(string command, string parameters = "")
    {
        string json = $$"""{"command":"{{command}}","params":"{{parameters}}","token":"{{command}}"}""";
        _control.GetStream().Write(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{json.Length}:{json},")));
    }

    /// <summary>
    /// Waits for the next event that holds these words; what came before it is passed over for good.
    /// </summary>
    public void WaitFor(params string[] words)
    {
        bool found = PeerLab.Within(40, () =>
        {
            lock (_events)
            {
                int index = _events.FindIndex(_seen, line => words.All(line.Contains));
                if (index >= 0) _seen = index + 1;
                return index >= 0;
            }
        });
        if (found) return;
        lock (_events)
        {
            throw new InvalidOperationException(
                $"{User} heard nothing of {string.Join(' ', words)}:\n{string.Join('\n', _events)}\n{_process.Output}");
        }
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _control.Dispose();
        _process.Signal("TERM");
        if (!PeerLab.Within(5, () => _process.HasExited)) _process.Signal("KILL");
        _process.Dispose();
    }

    /// <summary>Netstrings of JSON, each an event or the answer to a command.</summary>
    private void Read()
    {
        using var reader = new StreamReader(_control.GetStream(), Encoding.Latin1);
        var text = new StringBuilder();
        try
        {
            for (int next = reader.Read(); next >= 0; next = reader.Read())
            {
                if (next != ':')
                {
                    if (char.IsAsciiDigit((char)next)) text.Append((char)next);
                    continue;
                }
                var json = new char[int.Parse(text.ToString(), CultureInfo.InvariantCulture)];
                text.Clear();
                if (reader.ReadBlock(json) < json.Length) return;
                using JsonDocument document = JsonDocument.Parse(json);
                lock (_events) _events.Add(document.RootElement.ToString());
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The phone has gone, or the test is over.
        }
    }
}
