using System.Diagnostics;
using System.Globalization;

namespace Sbc.Demo;

/// <summary>Plays the RTP of all phones, paced, on one thread. A phone starts when SIPp logs its answer.</summary>
internal sealed class RtpPlayer : IDisposable
{
    private readonly PhoneMedia[] _phones;
    private readonly string _answered;
    private readonly Thread _thread;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private volatile bool _stop;
    private Exception? _problem;
    private long _readBytes;

    /// <param name="answered">SIPp's log: a line "PHONE_PORT BOX_PORT" for each answer.</param>
    public RtpPlayer(string answered)
    {
        _answered = answered;
        byte[] tone = Tone.Create();
        _phones = [.. Enumerable.Range(0, Plan.Calls).Select(phone => new PhoneMedia(phone, tone))];
        _thread = new Thread(Play) { Name = "rtp" };
        _thread.Start();
    }

    public int Sent => _phones.Sum(phone => phone.Sent);

    public int Returned => _phones.Sum(phone => phone.Returned);

    public int Twice => _phones.Sum(phone => phone.Twice);

    public int Wrong => _phones.Sum(phone => phone.Wrong);

    /// <summary>Ends the playing. Figures are final after it.</summary>
    public void Stop()
    {
        _stop = true;
        _thread.Join();
        if (_problem is not null) throw new DemoFailed($"playing RTP: {_problem.Message}");
    }

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        foreach (PhoneMedia phone in _phones) phone.Dispose();
    }

    private void Play()
    {
        try
        {
            while (!_stop)
            {
                StartAnswered();
                foreach (PhoneMedia phone in _phones) phone.Turn(_clock.ElapsedMilliseconds);
                Thread.Sleep(2);
            }
        }
        catch (Exception problem) when (problem is IOException or System.Net.Sockets.SocketException)
        {
            _problem = problem;
        }
    }

    private void StartAnswered()
    {
        var file = new FileInfo(_answered);
        if (!file.Exists || file.Length == _readBytes) return;
        using FileStream stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(_readBytes, SeekOrigin.Begin);
        string text = new StreamReader(stream).ReadToEnd();
        int whole = text.LastIndexOf('\n') + 1;
        _readBytes += whole;                                     // ASCII: as many bytes as characters
        foreach (string line in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ports = line.Split(' ');
            int phone = (int.Parse(ports[0], CultureInfo.InvariantCulture) - Plan.RtpPort) / 2;
            _phones[phone].Start(int.Parse(ports[1], CultureInfo.InvariantCulture), _clock.ElapsedMilliseconds);
        }
    }
}
