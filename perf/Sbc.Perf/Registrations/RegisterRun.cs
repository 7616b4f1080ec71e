using System.Diagnostics;
using Sbc.Perf.Machine;
using Sbc.Perf.Signalling;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Registrations;

/// <summary>What phones that register and refresh came to. A phone of SIPp sends five REGISTERs.</summary>
internal sealed record RegisterRun(
    int Registers, int FailedPhones, int Retransmissions, double CpuMicroseconds, long ResidentBytes)
{
    public const int RegistersAPhone = 5;
    private const int FillPhonesPerSecond = 4000;

    /// <param name="phones">The first so many users of the file.</param>
    /// <param name="phonesPerSecond">How many begin in a second; each then sends its five.</param>
    public static RegisterRun Measure(Workspace workspace, Registrar registrar, RunningSubject box, string folder,
        string name, string users, int phones, int phonesPerSecond)
    {
        var cpu = box.CpuNanoseconds;
        var expected = (double)phones / phonesPerSecond;
        using var phone = SippProcess.Phones(
            workspace, folder, name, registrar.Challenges ? "register_auth.xml" : "register.xml", users, phones,
            phonesPerSecond);
        var ended = phone.Process.WaitForExit(TimeSpan.FromSeconds(expected * 1.5 + 15));
        cpu = box.CpuNanoseconds - cpu;
        if (!ended) phone.Finish();
        box.ThrowIfEnded();
        var failed = phones - (int)phone.Read("SuccessfulCall(C)");
        var registers = phones * RegistersAPhone;
        return new RegisterRun(
            registers, failed, (int)phone.Read("Retransmissions(C)"), cpu / 1000.0 / registers, box.ResidentBytes);
    }

    /// <summary>Registers each user of the file once.</summary>
    /// <returns>How many did not get through.</returns>
    public static int Fill(Workspace workspace, Registrar registrar, string folder, string users, int count)
    {
        using var phone = SippProcess.Phones(
            workspace, folder, "fill", registrar.Challenges ? "register_once_auth.xml" : "register_once.xml", users,
            count, FillPhonesPerSecond);
        var limit = TimeSpan.FromSeconds(((double)count / FillPhonesPerSecond * 3) + 15);
        if (!phone.Process.WaitForExit(limit)) phone.Finish();
        return count - (int)phone.Read("SuccessfulCall(C)");
    }

    /// <summary>The users that a registrar may be asked about, a line each, with what SIPp answers a challenge with.
    /// </summary>
    public static string WriteUsers(string folder, int first, int count)
    {
        var file = Path.Combine(folder, $"users-{first}.csv");
        using var lines = new StreamWriter(file);
        lines.Write("SEQUENTIAL\n");
        for (var i = first; i < first + count; i++)
        {
            var user = Registrar.User(i);
            lines.Write($"{user};[authentication username={user} password={Registrar.Password}]\n");
        }
        return file;
    }
}
