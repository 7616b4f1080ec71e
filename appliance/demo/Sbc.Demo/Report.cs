using System.Globalization;
using Spectre.Console;

namespace Sbc.Demo;

/// <summary>The tables at the end.</summary>
internal sealed class Report(IAnsiConsole console)
{
    public void Calls(Outcome outcome)
    {
        Table table = New("Calls", "placed", "answered", "completed", "failed");
        foreach (ProxyOutcome proxy in outcome.Proxies)
        {
            Row(table, proxy.Name, Number(proxy.Offered), Number(proxy.Answered), Number(proxy.Completed),
                Number(proxy.Offered - proxy.Completed));
        }
        SippStatistics phones = outcome.Phones;
        table.AddEmptyRow();
        Row(table, "all, seen by the phones", Number(phones.Placed), Number(outcome.Answered), Number(phones.Succeeded),
            Number(phones.Placed - phones.Succeeded));
        console.Write(table);
    }

    public void Setup(Outcome outcome)
    {
        Table table = New("Setup time, ms", "p50", "p99", "longest");
        Times(table, "INVITE, phone to proxy: through the box", outcome.Through);
        Times(table, "INVITE to 180 Ringing at the phone", outcome.Ringing);
        Times(table, "INVITE to 200 OK: the proxies ring for 100", outcome.Answer);
        console.Write(table);
    }

    public void Media(RtpPlayer player, Metrics? metrics)
    {
        Table table = New("RTP packets", "in", "out", "lost", "dropped by the box");
        if (metrics?.Sum("sbc_rtp_packets_total") is not null)
        {
            Way(table, "box, edge to core", metrics, "edge", "core");
            Way(table, "box, core to edge", metrics, "core", "edge");
            // Packets that came when their call had ended belong to no realm any more.
            if (metrics.Sum("sbc_rtp_packets_total", ("realm", "(ended)"), ("direction", "in")) is > 0 and long late)
                Row(table, "box, after the call's end", Number(late), "0", Number(late), "");
        }
        else
        {
            Row(table, "box: its metrics page does not tell", "-", "-", "-", "-");
        }
        table.AddEmptyRow();
        Row(table, "phones: sent, played back to them", Number(player.Sent), Number(player.Returned),
            Number(player.Sent - player.Returned), "");
        console.Write(table);
        if (player.Wrong + player.Twice > 0)
            console.MarkupLine($"[red]{player.Wrong} packets reached a wrong phone, {player.Twice} came twice[/]");
    }

    /// <param name="registrations">As many as the box knew before the call.</param>
    /// <param name="metrics">While they talked.</param>
    /// <param name="heard">Who spoke, and what of it the other heard.</param>
    public void Phones(
        long registrations, Metrics? metrics, params (Baresip Speaker, Heard Heard)[] heard)
    {
        Table table = New("Two phones, registered", "says", "heard for", "of it the tone");
        foreach ((Baresip speaker, Heard ear) in heard)
        {
            Row(table, $"{speaker.User} to the other", $"{speaker.Tone} Hz", $"{ear.Seconds:N1} s", $"{ear.Share:P0}");
        }
        table.AddEmptyRow();
        Row(table, "box: registrations, calls", Number(registrations),
            Number(metrics?.Sum("sbc_calls_active") ?? 0), "");
        Row(table, "box: RTP in, out",
            Number(metrics?.Sum("sbc_rtp_packets_total", ("direction", "in")) ?? 0),
            Number(metrics?.Sum("sbc_rtp_packets_total", ("direction", "out")) ?? 0), "");
        console.Write(table);
    }

    public void Invite(Outcome outcome)
    {
        if (outcome.In is not { } sent || outcome.Out is not { } received) return;
        Table table = new Table { Border = TableBorder.Rounded, Expand = true }
            .AddColumn(new TableColumn($"in: {Plan.Phones} to the edge, {Plan.Edge}"))
            .AddColumn(new TableColumn($"out: the core, {Plan.Core}, to a proxy"));
        table.Title = new TableTitle("One INVITE");
        table.AddRow(new Text(Clean(sent.Text)), new Text(Clean(received.Text)));
        console.Write(table);
    }

    private static void Way(Table table, string name, Metrics metrics, string from, string to)
    {
        long received = metrics.Sum("sbc_rtp_packets_total", ("realm", from), ("direction", "in")) ?? 0;
        long sent = metrics.Sum("sbc_rtp_packets_total", ("realm", to), ("direction", "out")) ?? 0;
        Row(table, name, Number(received), Number(sent), Number(received - sent),
            metrics.Drops("sbc_rtp_dropped_total", from));
    }

    private static void Times(Table table, string name, double[] sorted) => Row(table, name,
        Milliseconds(Outcome.Percentile(sorted, 0.5)), Milliseconds(Outcome.Percentile(sorted, 0.99)),
        Milliseconds(Outcome.Percentile(sorted, 1)));

    private static Table New(string first, params string[] columns)
    {
        Table table = new Table { Border = TableBorder.Rounded }.AddColumn(new TableColumn(first).Width(42));
        foreach (string column in columns) table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    private static void Row(Table table, params string[] cells) =>
        table.AddRow([.. cells.Select(cell => new Text(cell))]);

    private static string Clean(string message) => message.Replace("\r", "", StringComparison.Ordinal);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Milliseconds(double value) =>
        double.IsNaN(value) ? "-" : value.ToString("N1", CultureInfo.InvariantCulture);
}
