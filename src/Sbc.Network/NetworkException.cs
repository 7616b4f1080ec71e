using System.Runtime.InteropServices;
using Sbc.Network.Native;

namespace Sbc.Network;

/// <summary>The host refused what the configuration asks for: an address, an option, a descriptor.</summary>
public sealed class NetworkException : IOException
{
    /// <param name="what">What was tried, as a person reads it: "cannot bind udp 192.0.2.1:5060".</param>
    /// <param name="error">errno.</param>
    public NetworkException(string what, int error)
        : base($"{what}: {Errno.Text(error)}") => Error = error;

    /// <summary>errno.</summary>
    public int Error { get; }

    /// <summary>Throws with the errno of the call just made when <paramref name="result"/> is negative.</summary>
    internal static int ThrowIfFailed(int result, string what)
    {
        if (result < 0) throw new NetworkException(what, Marshal.GetLastPInvokeError());
        return result;
    }
}
