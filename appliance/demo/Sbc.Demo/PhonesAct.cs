using Spectre.Console;

namespace Sbc.Demo;

/// <summary>The second act: two real phones register at the box, one calls the other, and they hear each other.
/// </summary>
internal sealed class PhonesAct(IAnsiConsole console, string folder)
{
    /// <returns>Whether both registered, and each heard the other's tone.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        console.WriteLine();
        console.WriteLine($"Starting the box with {Plan.PhonesConfig}, and two phones (baresip) that register at it.");
        using Child box = await Box.StartAsync("standalone", folder, OwnCopy(), stop);
        using var alice = new Baresip("alice", "alice-secret", Plan.AlicePort, tone: 440, folder);
        using var bob = new Baresip("bob", "bob-secret", Plan.BobPort, tone: 660, folder);
        await alice.Process.WaitForAsync(() => alice.IsRegistered, "registered", stop);
        await bob.Process.WaitForAsync(() => bob.IsRegistered, "registered", stop);
        Metrics? registered = await Metrics.FetchAsync(stop);

        console.WriteLine($"alice calls bob and talks for {Plan.TalkTime.TotalSeconds:N0} s.");
        await alice.DialAsync("bob", stop);
        await alice.Process.WaitForAsync(() => alice.IsTalking, "talking", stop);
        await Task.Delay(Plan.TalkTime, stop);
        Metrics? talking = await Metrics.FetchAsync(stop);
        await alice.HangUpAsync(stop);
        await bob.Process.WaitForAsync(() => bob.HasHungUp, "hung up on", stop);
        alice.Process.End();
        bob.Process.End();
        box.End();

        long phones = registered?.Sum("sbc_registrations_active") ?? 0;
        Heard aliceHeard = alice.Heard(bob.Tone);
        Heard bobHeard = bob.Heard(alice.Tone);
        new Report(console).Phones(phones, talking, (bob, aliceHeard), (alice, bobHeard));
        if (phones != 2) Console.Error.WriteLine($"demo: {phones} registrations, not 2; see out/demo/standalone.log");
        if (!aliceHeard.IsTone) Console.Error.WriteLine("demo: alice did not hear bob; see out/demo/alice.log");
        if (!bobHeard.IsTone) Console.Error.WriteLine("demo: bob did not hear alice; see out/demo/bob.log");
        return phones == 2 && aliceHeard.IsTone && bobHeard.IsTone && box.ExitCode == 0;
    }

    /// <summary>The sample, copied: its database then stands among the logs.</summary>
    private string OwnCopy()
    {
        string config = Path.Combine(folder, Path.GetFileName(Plan.PhonesConfig));
        File.Copy(Plan.PhonesConfig, config);
        return config;
    }
}
