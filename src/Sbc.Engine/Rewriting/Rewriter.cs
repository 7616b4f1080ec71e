using System.Text;
using System.Text.RegularExpressions;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Rewriting;

/// <summary>Makes the message that a route's rules ask for; one for each worker.</summary>
/// <remarks>
/// What it returns is valid until its next use. A message is written anew for each rule, which only those pay that
/// have rules. A replacement that refers to groups of its expression ($1) allocates; the others do not.
/// </remarks>
public sealed class Rewriter
{
    private const int BytesMax = 65_507;

    private readonly byte[][] _buffers = [new byte[BytesMax], new byte[BytesMax]];
    private readonly SipMessage[] _messages = [new SipMessage(), new SipMessage()];
    private int _next;

    /// <summary>The message itself where no rule changes it.</summary>
    public SipMessage Apply(RewriteRule[] rules, SipMessage message)
    {
        foreach (RewriteRule rule in rules) message = Apply(rule, message);
        return message;
    }

    private SipMessage Apply(RewriteRule rule, SipMessage message)
    {
        byte[] buffer = _buffers[_next];
        var writer = new SipWriter(buffer);
        WriteStart(ref writer, rule, message);
        bool set = false;
        for (int i = 0; i < message.HeaderCount; i++)
        {
            if (!rule.IsOf(message, i))
            {
                WriteOther(ref writer, rule, message, i);
                continue;
            }
            switch (rule.Action)
            {
                case RewriteAction.Add:
                    writer.Copy(message, i);
                    break;
                case RewriteAction.Set when !set:
                    set = true;
                    WriteField(ref writer, rule.NameText, rule.Value);
                    break;
                case RewriteAction.Replace:
                    writer.Raw(message.NameText(i));
                    writer.Raw(": "u8);
                    WriteReplaced(ref writer, rule, message.Value(i));
                    writer.EndLine();
                    break;
            }
        }
        bool adds = rule.Field == RewriteField.Header &&
            (rule.Action == RewriteAction.Add || (rule.Action == RewriteAction.Set && !set));
        if (adds) WriteField(ref writer, rule.NameText, rule.Value);
        writer.EndLine();
        writer.Raw(message.Body);
        if (writer.Overflowed) return message;
        SipMessage changed = _messages[_next];
        // What the rule made of it may be none any more: then it stays as it was.
        if (changed.Parse(buffer, 0, writer.Length) != ParseError.None || !IsSound(changed)) return message;
        _next = 1 - _next;
        return changed;
    }

    private static bool IsSound(SipMessage message) => !message.IsRequest ||
        (Sanity.FitsRequestLine(message.RequestUri) && SipUri.TryParse(message.RequestUri, out _));

    private static void WriteField(ref SipWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        writer.Raw(name);
        writer.Raw(": "u8);
        writer.Raw(value);
        writer.EndLine();
    }

    private static void WriteStart(ref SipWriter writer, RewriteRule rule, SipMessage message)
    {
        if (!message.IsRequest)
        {
            writer.StatusLine(message.StatusCode, message.ReasonPhrase);
            return;
        }
        writer.Raw(message.MethodToken);
        writer.Byte((byte)' ');
        if (rule.Field == RewriteField.RequestUri) WriteWhole(ref writer, rule, message.RequestUri);
        else if (rule.Field == RewriteField.RequestUser) WriteUser(ref writer, rule, message.RequestUri);
        else writer.Raw(message.RequestUri);
        writer.Raw(" SIP/2.0\r\n"u8);
    }

    /// <summary>A field that the rule does not name: From and To may have a user that it does.</summary>
    private static void WriteOther(ref SipWriter writer, RewriteRule rule, SipMessage message, int field)
    {
        HeaderName name = message.NameAt(field);
        bool user = (rule.Field == RewriteField.FromUser && name == HeaderName.From) ||
            (rule.Field == RewriteField.ToUser && name == HeaderName.To);
        ReadOnlySpan<byte> value = message.Value(field);
        if (!message.IsRequest || !user || !NameAddress.TryParse(value, out NameAddress address))
        {
            writer.Copy(message, field);
            return;
        }
        int uri = value.IndexOf(address.Uri);
        writer.Raw(message.NameText(field));
        writer.Raw(": "u8);
        writer.Raw(value[..uri]);
        WriteUser(ref writer, rule, address.Uri);
        writer.Raw(value[(uri + address.Uri.Length)..]);
        writer.EndLine();
    }

    private static void WriteUser(ref SipWriter writer, RewriteRule rule, ReadOnlySpan<byte> text)
    {
        if (!SipUri.TryParse(text, out SipUri uri) || !uri.HasUser)
        {
            writer.Raw(text);
            return;
        }
        int start = uri.Scheme == UriScheme.Sip || uri.Scheme == UriScheme.Tel ? 4 : 5;
        writer.Raw(text[..start]);
        WriteWhole(ref writer, rule, uri.User);
        writer.Raw(text[(start + uri.User.Length)..]);
    }

    private static void WriteWhole(ref SipWriter writer, RewriteRule rule, ReadOnlySpan<byte> text)
    {
        if (rule.Action == RewriteAction.Set) writer.Raw(rule.Value);
        else WriteReplaced(ref writer, rule, text);
    }

    private static void WriteReplaced(ref SipWriter writer, RewriteRule rule, ReadOnlySpan<byte> text)
    {
        Span<char> characters = stackalloc char[Limits.PatternTextMax];
        if (!BytePattern.TryWiden(text, characters, out int length))
        {
            writer.Raw(text);
            return;
        }
        Regex regex = rule.Pattern!.Regex;
        if (rule.Template is { } template)
        {
            if (!regex.IsMatch(characters[..length])) writer.Raw(text);
            else writer.Raw(Encoding.Latin1.GetBytes(regex.Replace(characters[..length].ToString(), template)));
            return;
        }
        int copied = 0;
        foreach (ValueMatch match in regex.EnumerateMatches(characters[..length]))
        {
            writer.Raw(text[copied..match.Index]);
            writer.Raw(rule.Value);
            copied = match.Index + match.Length;
        }
        writer.Raw(text[copied..]);
    }
}
