namespace Sbc.Engine.Config;

/// <summary><c>in_dialog_source</c>: from where a request within a dialog is accepted.</summary>
public enum InDialogSource
{
    /// <summary>A changed source is accepted and counted: NAT rebinding and roaming change it.</summary>
    Any,

    /// <summary>Only the IP address the dialog began with, or a prefix of the same peer.</summary>
    SameIP,
}
