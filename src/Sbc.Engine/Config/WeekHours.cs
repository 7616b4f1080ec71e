using System.Globalization;

namespace Sbc.Engine.Config;

/// <summary>Hours of the week, in local time: <c>mon-fri 08:00-18:00</c>, <c>sat 22:00-06:00</c>, <c>sun</c>.</summary>
/// <param name="FirstDay">0: Monday.</param>
/// <param name="LastDay">Before the first: over the weekend's end.</param>
/// <param name="FromMinute">Of the day.</param>
/// <param name="ToMinute">The first one that is not in it; at most <paramref name="FromMinute"/>: on the next day.
/// </param>
public readonly record struct WeekHours(int FirstDay, int LastDay, int FromMinute, int ToMinute)
{
    public const int MinutesOfWeek = 7 * MinutesOfDay;

    private const int MinutesOfDay = 1440;

    private static readonly string[] Days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <summary>Minutes from Monday 0:00 on.</summary>
    public IEnumerable<int> Minutes
    {
        get
        {
            int length = ToMinute > FromMinute ? ToMinute - FromMinute : ToMinute + MinutesOfDay - FromMinute;
            int days = ((LastDay - FirstDay + 7) % 7) + 1;
            for (int day = 0; day < days; day++)
            {
                int start = (((FirstDay + day) % 7) * MinutesOfDay) + FromMinute;
                for (int minute = 0; minute < length; minute++) yield return (start + minute) % MinutesOfWeek;
            }
        }
    }

    public static bool TryParse(string text, out WeekHours hours, out string error)
    {
        hours = default;
        error = $"\"{text}\" is no time of the week; write one such as mon-fri 08:00-18:00";
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 2) return false;
        string[] days = parts[0].Split('-');
        int first = Array.IndexOf(Days, days[0]), last = Array.IndexOf(Days, days[^1]);
        if (first < 0 || last < 0 || days.Length > 2) return false;
        int from = 0, to = MinutesOfDay;
        if (parts.Length == 2)
        {
            string[] clock = parts[1].Split('-');
            if (clock.Length != 2 || !TryMinute(clock[0], out from) || !TryMinute(clock[1], out to)) return false;
        }
        hours = new WeekHours(first, last, from, to);
        return true;
    }

    private static bool TryMinute(string text, out int minute)
    {
        minute = 0;
        if (text.Length != 5 || text[2] != ':') return false;
        bool digits = int.TryParse(text.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out int hour)
            & int.TryParse(text.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out int rest);
        minute = (hour * 60) + rest;
        return digits && rest < 60 && minute <= MinutesOfDay;
    }
}
