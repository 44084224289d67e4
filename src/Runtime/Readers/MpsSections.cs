namespace Optc.Runtime.Readers;

/// <summary>Walks through the sections of one file in one layout and hands every data line to what it builds.</summary>
internal sealed class MpsSections(bool isFixed)
{
    private readonly MpsBuilder _builder = new();
    private string _name = "";
    private string _section = "";
    private bool _isMaximised;

    public MpsModel Read(List<string> lines)
    {
        bool ended = false;
        for (int k = 0; k < lines.Count && !ended; k++)
        {
            string text = lines[k].TrimEnd();
            if (text.Length == 0 || text[0] == '*') continue;
            if (char.IsWhiteSpace(text[0])) Data(isFixed ? MpsLine.Fixed(k + 1, text) : MpsLine.Free(k + 1, text));
            else ended = Header(k + 1, text);
        }
        if (!ended) throw new MpsFormatException(lines.Count, "the file ends without ENDATA", "it may have been cut short; get it again, or add a line ENDATA");
        return _builder.Build(_name, _isMaximised);
    }

    /// <summary>A line that begins a section; true for the end.</summary>
    private bool Header(int number, string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        _section = words[0].ToUpperInvariant();
        switch (_section)
        {
            case "NAME":
                _name = words.Length > 1 ? words[1] : "";
                return false;
            case "ENDATA":
                return true;
            case "OBJSENSE" when words.Length > 1:
                Sense(number, words[1]);
                return false;
            case "ROWS" or "COLUMNS" or "RHS" or "RANGES" or "BOUNDS" or "OBJSENSE" or "QUADOBJ" or "QMATRIX":
                return false;
            case "QSECTION":
                if (words.Length > 1 && words[1] != _builder.ObjectiveName)
                    throw new MpsFormatException(number, $"QSECTION {words[1]} makes a constraint quadratic", "quadratic constraints are not read from files; write the model in .opt");
                return false;
            case "QCMATRIX":
                throw new MpsFormatException(number, "QCMATRIX makes a constraint quadratic", "quadratic constraints are not read from files; write the model in .opt");
            case "SOS" or "SOS1" or "SOS2" or "CSECTION" or "INDICATORS" or "LAZYCONS" or "USERCUTS":
                throw new MpsFormatException(number, $"section {_section} is not supported", "remove it, or write the model in .opt");
            default:
                throw new MpsFormatException(
                    number, $"there is no section '{words[0]}'",
                    "sections are NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS, QUADOBJ, QMATRIX, QSECTION, ENDATA; data lines begin with a blank");
        }
    }

    private void Data(MpsLine line)
    {
        if (line.Fields.Length == 0) return;
        switch (_section)
        {
            case "OBJSENSE": Sense(line.Number, line.Fields[0]); break;
            case "ROWS": _builder.Row(line); break;
            case "COLUMNS": _builder.Column(line); break;
            case "RHS": _builder.RightHandSide(line); break;
            case "RANGES": _builder.Range(line); break;
            case "BOUNDS": _builder.Bound(line); break;
            case "QUADOBJ" or "QSECTION": _builder.Quadratic(line, bothTriangles: false); break;
            case "QMATRIX": _builder.Quadratic(line, bothTriangles: true); break;
            default: throw new MpsFormatException(line.Number, "a data line stands before any section that takes data", "begin the file with NAME and ROWS");
        }
    }

    private void Sense(int number, string word) => _isMaximised = word.ToUpperInvariant() switch
    {
        "MAX" or "MAXIMIZE" or "MAXIMISE" => true,
        "MIN" or "MINIMIZE" or "MINIMISE" => false,
        _ => throw new MpsFormatException(number, $"the sense of the objective is MAX or MIN, not '{word}'", "write OBJSENSE MIN"),
    };
}
