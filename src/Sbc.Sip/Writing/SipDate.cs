namespace Sbc.Sip.Writing;

/// <summary>SIP-date (RFC 3261 25.1): always GMT.</summary>
public static class SipDate
{
    private const int SecondsOfDay = 86_400;

    /// <param name="unixSeconds">From 1970 on.</param>
    public static void Write(ref SipWriter writer, long unixSeconds)
    {
        long days = unixSeconds / SecondsOfDay;
        int seconds = (int)(unixSeconds % SecondsOfDay);
        // 1 January 1970 was a Thursday.
        writer.Raw("ThuFriSatSunMonTueWed"u8.Slice((int)(days % 7) * 3, 3));
        writer.Raw(", "u8);
        (int year, int month, int day) = Civil(days);
        Two(ref writer, day);
        writer.Byte((byte)' ');
        writer.Raw("JanFebMarAprMayJunJulAugSepOctNovDec"u8.Slice((month - 1) * 3, 3));
        writer.Byte((byte)' ');
        writer.Number(year);
        writer.Byte((byte)' ');
        Two(ref writer, seconds / 3600);
        writer.Byte((byte)':');
        Two(ref writer, seconds / 60 % 60);
        writer.Byte((byte)':');
        Two(ref writer, seconds % 60);
        writer.Raw(" GMT"u8);
    }

    private static void Two(ref SipWriter writer, int value)
    {
        writer.Byte((byte)('0' + (value / 10)));
        writer.Byte((byte)('0' + (value % 10)));
    }

    /// <summary>Days from 1970 to a date (H. Hinnant, civil_from_days), for years from 1970 on.</summary>
    private static (int Year, int Month, int Day) Civil(long days)
    {
        days += 719_468;
        long era = days / 146_097;
        int ofEra = (int)(days % 146_097);
        int yearOfEra = (ofEra - (ofEra / 1460) + (ofEra / 36_524) - (ofEra / 146_096)) / 365;
        int ofYear = ofEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        int shifted = ((5 * ofYear) + 2) / 153;
        int day = ofYear - (((153 * shifted) + 2) / 5) + 1;
        int month = shifted < 10 ? shifted + 3 : shifted - 9;
        return ((int)(yearOfEra + (era * 400)) + (month <= 2 ? 1 : 0), month, day);
    }
}
