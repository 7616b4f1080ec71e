namespace Sbc.Sip.Message;

/// <summary>What the RFCs that define the methods say of each.</summary>
public static class MethodRules
{
    /// <summary>
    /// Requests and their 2xx carry a Contact that makes a dialog or refreshes its target: RFC 3261 table 2 (INVITE),
    /// RFC 3311 5.1, RFC 6665 8.2.1, RFC 3515 2.2.
    /// </summary>
    public static bool HasContact(this SipMethod method) => method is SipMethod.Invite or SipMethod.Update or
        SipMethod.Subscribe or SipMethod.Notify or SipMethod.Refer;

    /// <summary>A request of it without a To tag may begin a dialog that lasts until its last NOTIFY.</summary>
    public static bool Subscribes(this SipMethod method) => method is SipMethod.Subscribe or SipMethod.Refer;

    /// <summary>It exists within a dialog only (RFC 3261 15, RFC 3262 3, RFC 3311 5.1).</summary>
    public static bool IsInDialogOnly(this SipMethod method) =>
        method is SipMethod.Bye or SipMethod.Prack or SipMethod.Update;
}
