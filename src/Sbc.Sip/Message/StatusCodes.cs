namespace Sbc.Sip.Message;

/// <summary>Reason phrases of the responses that this program writes itself (RFC 3261 21 and others).</summary>
public static class StatusCodes
{
    public static ReadOnlySpan<byte> Reason(int code) => code switch
    {
        100 => "Trying"u8,
        180 => "Ringing"u8,
        200 => "OK"u8,
        400 => "Bad Request"u8,
        401 => "Unauthorized"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        407 => "Proxy Authentication Required"u8,
        408 => "Request Timeout"u8,
        413 => "Request Entity Too Large"u8,
        415 => "Unsupported Media Type"u8,
        416 => "Unsupported URI Scheme"u8,
        420 => "Bad Extension"u8,
        423 => "Interval Too Brief"u8,
        430 => "Flow Failed"u8,
        439 => "First Hop Lacks Outbound Support"u8,
        440 => "Max-Breadth Exceeded"u8,
        480 => "Temporarily Unavailable"u8,
        481 => "Call/Transaction Does Not Exist"u8,
        482 => "Loop Detected"u8,
        483 => "Too Many Hops"u8,
        486 => "Busy Here"u8,
        487 => "Request Terminated"u8,
        488 => "Not Acceptable Here"u8,
        491 => "Request Pending"u8,
        500 => "Server Internal Error"u8,
        501 => "Not Implemented"u8,
        503 => "Service Unavailable"u8,
        504 => "Server Time-out"u8,
        505 => "Version Not Supported"u8,
        603 => "Decline"u8,
        _ => "Unknown"u8,
    };
}
