using Sbc.Engine.Config;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sbc.Program.Configuration;

/// <summary>Text to a tree of nodes with places. Only the plain part of YAML: what an operator reads is what is
/// meant, so anchors, aliases, tags, merge keys and further documents are refused.</summary>
internal sealed class YamlReader
{
    /// <summary>The configuration is six deep; the limit keeps hostile nesting off the stack.</summary>
    private const int DepthMax = 32;

    private readonly string _text;
    private readonly Reading _reading;
    private readonly Parser _parser;

    private YamlReader(string text, Reading reading)
    {
        _text = text;
        _reading = reading;
        _parser = new Parser(new Scanner(new StringReader(text)));
    }

    /// <summary>Null where there is no tree: a syntax error (reported), or an empty file.</summary>
    public static YamlNode? Read(string text, Reading reading)
    {
        var reader = new YamlReader(text, reading);
        try
        {
            return reader.Document();
        }
        catch (YamlException broken)
        {
            Position at = At(broken.Start);
            reading.Error("", at, $"this is not YAML: {Sentence(broken)}{reader.SyntaxHint(at)}");
            return null;
        }
        catch (TooDeep deep)
        {
            reading.Error("", deep.At, $"more than {DepthMax} levels deep; no key of the configuration is");
            return null;
        }
    }

    /// <summary>One event on. The scanner of YamlDotNet 18.1 lets an InvalidOperationException out on some plain
    /// scalars in brackets (found by damaging samples); it is a syntax error like any other.</summary>
    private bool Next()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (InvalidOperationException broken)
        {
            Mark mark = _parser.Current?.End ?? Mark.Empty;
            throw new YamlException(mark, mark, "what follows is unreadable; put it in quotes", broken);
        }
    }

    /// <summary>Ends the reading: the scanner's work grows with the square of the depth, so even to skip is too much.
    /// </summary>
    private sealed class TooDeep(Position at) : Exception
    {
        public Position At => at;
    }

    private YamlNode? Document()
    {
        YamlNode? root = null;
        while (Next())
        {
            ParsingEvent now = _parser.Current!;
            if (now is StreamStart or StreamEnd or DocumentEnd) continue;
            if (now is DocumentStart start)
            {
                if (root is not null)
                {
                    _reading.Error(
                        "", At(now.Start), "a second document is refused; write one configuration in a file");
                    return root;
                }
                if (start.Version is not null || start.Tags is { Count: > 0 } tags && tags.Any(t => !IsDefault(t)))
                    _reading.Error("", At(now.Start), "YAML directives are refused; remove the line");
                continue;
            }
            root = Node(0);
        }
        return root;
    }

    private static bool IsDefault(YamlDotNet.Core.Tokens.TagDirective tag) => tag.Handle is "!" or "!!";

    private YamlNode Node(int depth)
    {
        ParsingEvent now = _parser.Current!;
        Position at = At(now.Start);
        if (now is AnchorAlias alias)
        {
            _reading.Error("", at, $"the alias *{alias.Value} is refused; write out what it stands for");
            return new YamlRefused(at);
        }
        if (now is NodeEvent node) RefuseProperties(node, at);
        if (now is Scalar scalar) return new YamlScalar(at, scalar.Value, scalar.Style);
        if (depth >= DepthMax) throw new TooDeep(at);
        return now is SequenceStart ? Sequence(at, depth) : Mapping(at, depth);
    }

    private YamlSequence Sequence(Position at, int depth)
    {
        var items = new List<YamlNode>();
        while (Next() && _parser.Current is not SequenceEnd) items.Add(Node(depth + 1));
        return new YamlSequence(at, items);
    }

    private YamlMapping Mapping(Position at, int depth)
    {
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, Position>();
        while (Next() && _parser.Current is not MappingEnd)
        {
            YamlNode key = Node(depth + 1);
            Next();
            YamlNode value = Node(depth + 1);
            if (key is YamlRefused) continue;
            if (key is not YamlScalar name)
                _reading.Error("", key.Position, "a key is a word, not a list or a mapping");
            else if (name is { IsPlain: true, Text: "<<" })
                _reading.Error("", name.Position, "merge keys (<<) are refused; write out what they stand for");
            else if (!seen.TryAdd(name.Text, name.Position))
                _reading.Error("", name.Position, $"the key \"{name.Text}\" is already in line {seen[name.Text].Line}; "
                    + "write it once");
            else
                entries.Add(new YamlEntry(name, value));
        }
        return new YamlMapping(at, entries);
    }

    private void RefuseProperties(NodeEvent node, Position at)
    {
        if (!node.Anchor.IsEmpty)
            _reading.Error(
                "", at, $"the anchor &{node.Anchor.Value} is refused; write the value out where it is needed");
        // A quoted scalar carries the non-specific tag "!" of the YAML specification; nobody wrote that.
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            _reading.Error("", at, $"the tag {Written(node.Tag)} is refused; a value has the type of its key");
    }

    private static string Written(TagName tag) => tag.Value.Replace("tag:yaml.org,2002:", "!!");

    private static Position At(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private static string Sentence(YamlException broken)
    {
        string text = broken.Message;
        return text.Length == 0 ? "unreadable" : char.ToLowerInvariant(text[0]) + text[1..].TrimEnd('.');
    }

    /// <summary>The slips that make a configuration no YAML at all.</summary>
    private string SyntaxHint(Position at)
    {
        string[] lines = _text.Split('\n');
        string line = lines.ElementAtOrDefault(at.Line - 1) ?? "";
        if (line.Contains("://[") && !line.Contains('"'))
            return "; write IPv6 listeners in quotes: \"udp://[2001:db8::10]:5060\"";
        if (line.Contains('"') && line.Contains('\\')) return "; write regular expressions in single quotes: '^\\+49'";
        // The parser reports a tab somewhere before it: at the value that the line would have continued.
        int tabbed = Array.FindIndex(lines, Math.Clamp(at.Line, 1, lines.Length) - 1, l =>
            l.TrimStart(' ').StartsWith('\t'));
        return tabbed < 0 ? "" : $"; line {tabbed + 1} is indented with a tab, write spaces";
    }
}
