using Optc.Runtime.Problems;

namespace Optc.Runtime.Readers;

/// <summary>Takes the data lines of a file and makes the program of them.</summary>
internal sealed class MpsBuilder
{
    /// <summary>Row numbers of what is no constraint.</summary>
    private const int ObjectiveRow = -1, IgnoredRow = -2;

    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly List<string> _rowNames = [];
    private readonly List<char> _rowKinds = [];
    private readonly List<double> _rightHandSides = [];
    private readonly Dictionary<int, (double Value, int Line)> _ranges = [];
    private readonly HashSet<int> _withRightHandSide = [];
    private readonly List<string> _columnNames = [];
    private readonly List<double> _cost = [];
    private readonly HashSet<int> _withCost = [];
    private readonly Dictionary<(int Row, int Column), double> _entries = [];
    private readonly MpsBounds _bounds = new();
    private readonly MpsQuadratic _quadratic = new();
    private readonly Dictionary<string, string> _sets = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];
    private double _constant;
    private bool _hasConstant;

    /// <summary>Name of the first N row; null before there is one.</summary>
    public string? ObjectiveName { get; private set; }

    public void Row(MpsLine line)
    {
        if (line.Fields.Length != 2) throw line.Malformed($"a line of ROWS has a kind and a name; this one has {line.Fields.Length} fields", "write for instance ' L  capacity'");
        string kind = line.Fields[0].ToUpperInvariant(), name = line.Fields[1];
        int row = kind switch
        {
            "N" when ObjectiveName is null => ObjectiveRow,
            "N" => IgnoredRow,
            "L" or "G" or "E" => _rowNames.Count,
            _ => throw line.Malformed($"'{line.Fields[0]}' is no kind of row", "kinds are N (objective), L (<=), G (>=) and E (=)"),
        };
        if (!_rows.TryAdd(name, row)) throw new MpsFormatException(line.Number, $"row {name} is declared twice", "names of rows are unique; rename or remove one");
        if (row == ObjectiveRow) ObjectiveName = name;
        else if (row == IgnoredRow) _notes.Add($"row {name} is a second N row and was left out");
        if (row < 0) return;
        _rowNames.Add(name);
        _rowKinds.Add(kind[0]);
        _rightHandSides.Add(0.0);
    }

    public void Column(MpsLine line)
    {
        string[] fields = line.Fields;
        if (fields.Length >= 3 && fields[1].Trim('\'') == "MARKER")
        {
            if (fields[2].Trim('\'') == "INTORG")
                throw new MpsFormatException(line.Number, $"the columns after marker {fields[0]} are integer", "integer variables are not supported; remove the markers to solve the continuous relaxation");
            return;
        }
        if (fields.Length is not (3 or 5)) throw line.Malformed($"a line of COLUMNS has a column and one or two pairs of row and value; this one has {fields.Length} fields", "names must not contain blanks unless the file is in fixed columns");
        if (!_columns.TryGetValue(fields[0], out int column))
        {
            column = _columnNames.Count;
            _columns.Add(fields[0], column);
            _columnNames.Add(fields[0]);
            _cost.Add(0.0);
            _bounds.Add();
        }
        for (int k = 1; k < fields.Length; k += 2)
        {
            int row = RowOf(line, fields[k]);
            double value = line.Coefficient(k + 1);
            bool isNew = row switch
            {
                ObjectiveRow => _withCost.Add(column),
                IgnoredRow => true,
                _ => _entries.TryAdd((row, column), value),
            };
            if (!isNew) throw new MpsFormatException(line.Number, $"column {fields[0]} has a second entry in row {fields[k]}", "give one entry with the value that is meant; entries are not added up");
            if (row == ObjectiveRow) _cost[column] = value;
        }
    }

    public void RightHandSide(MpsLine line)
    {
        int first = Pairs(line, "RHS");
        if (first < 0) return;
        for (int k = first; k < line.Fields.Length; k += 2)
        {
            string name = line.Fields[k];
            int row = RowOf(line, name);
            double value = line.Coefficient(k + 1);
            bool isNew = row switch { ObjectiveRow => !_hasConstant, IgnoredRow => true, _ => _withRightHandSide.Add(row) };
            if (!isNew) throw new MpsFormatException(line.Number, $"row {name} has a second right-hand side", "give one; they are not added up");
            if (row >= 0) _rightHandSides[row] = value;
            if (row != ObjectiveRow) continue;
            // The objective row reads cᵀx − rhs.
            _constant = -value;
            _hasConstant = true;
        }
    }

    public void Range(MpsLine line)
    {
        int first = Pairs(line, "RANGES");
        if (first < 0) return;
        for (int k = first; k < line.Fields.Length; k += 2)
        {
            string name = line.Fields[k];
            int row = RowOf(line, name);
            if (row < 0) throw new MpsFormatException(line.Number, $"row {name} is an N row and cannot have a range", "remove the range, or make the row L, G or E");
            double value = line.Bound(k + 1);
            if (!_ranges.TryAdd(row, (value, line.Number))) throw new MpsFormatException(line.Number, $"row {name} has a second range", "give one range a row");
        }
    }

    public void Bound(MpsLine line)
    {
        string[] fields = line.Fields;
        string kind = fields[0].ToUpperInvariant();
        bool hasValue = MpsBounds.HasValue(kind) ?? throw line.Malformed($"'{fields[0]}' is no kind of bound", "kinds are LO, UP, FX, FR, MI and PL");
        // The name of the set may be missing: the last field (or last but one) is then the column.
        int least = hasValue ? 3 : 2;
        if (fields.Length < least) throw line.Malformed($"a bound {kind} needs {(hasValue ? "a column and a value" : "a column")}", $"write ' {kind} BND  x{(hasValue ? "  1.0" : "")}'");
        if (fields.Length > 4) throw line.Malformed($"a line of BOUNDS has at most 4 fields; this one has {fields.Length}", "give one bound a line");
        bool hasSet = fields.Length == 4 || (!hasValue && fields.Length == 3 && _columns.ContainsKey(fields[2]));
        if (hasSet && !IsFirstSet("BOUNDS", fields[1])) return;
        int at = hasSet ? 2 : 1;
        if (!_columns.TryGetValue(fields[at], out int column)) throw line.Malformed($"there is no column {fields[at]}", "names of BOUNDS are those of COLUMNS, in the same letters");
        if (MpsBounds.IsInteger(kind))
            throw new MpsFormatException(line.Number, $"bound {kind} makes column {fields[at]} integer or semicontinuous", "such variables are not supported; use LO and UP to solve the continuous relaxation");
        if (_bounds.Set(kind, column, hasValue ? line : null, at + 1) is { } note) _notes.Add($"line {line.Number}: column {fields[at]} {note}");
    }

    public void Quadratic(MpsLine line, bool bothTriangles)
    {
        string[] fields = line.Fields;
        if (fields.Length is not (3 or 5)) throw line.Malformed($"a line of the quadratic part has a column and one or two pairs of column and value; this one has {fields.Length} fields", "write for instance ' x1  x2  -1.5'");
        int first = ColumnOf(line, fields[0]);
        for (int k = 1; k < fields.Length; k += 2)
            _quadratic.Add(line, ColumnOf(line, fields[k]), first, line.Coefficient(k + 1), bothTriangles, fields[0], fields[k]);
    }

    public MpsModel Build(string name, bool isMaximised)
    {
        if (ObjectiveName is null) throw new MpsFormatException(0, "the file has no N row, so no objective", "add a row of kind N to ROWS");
        if (_columnNames.Count == 0) throw new MpsFormatException(0, "the file has no columns", "give every variable at least one entry in COLUMNS, zero if need be");
        int n = _columnNames.Count, m = _rowNames.Count;
        double sign = isMaximised ? -1.0 : 1.0;
        (int[] rowStarts, int[] columns, double[] values) = Compressed(m);
        (double[] lower, double[] upper) = Sides();
        (double[] variableLower, double[] variableUpper) = _bounds.Arrays(_columnNames);
        (SparsePattern hessian, double[] quadratic) = _quadratic.Lower(n, sign, _columnNames);
        var program = new QuadraticProgram(
            hessian, quadratic, [.. _cost.Select(c => sign * c)], sign * _constant,
            new SparsePattern(m, n, rowStarts, columns), values, lower, upper, variableLower, variableUpper);
        return new MpsModel(name, ObjectiveName, isMaximised, program, _columnNames, _rowNames, _notes);
    }

    private (int[] Starts, int[] Columns, double[] Values) Compressed(int m)
    {
        var starts = new int[m + 1];
        var keys = new (int Row, int Column)[_entries.Count];
        _entries.Keys.CopyTo(keys, 0);
        Array.Sort(keys);
        var columns = new int[keys.Length];
        var values = new double[keys.Length];
        for (int k = 0; k < keys.Length; k++)
        {
            starts[keys[k].Row + 1]++;
            columns[k] = keys[k].Column;
            values[k] = _entries[keys[k]];
        }
        for (int i = 0; i < m; i++) starts[i + 1] += starts[i];
        return (starts, columns, values);
    }

    /// <summary>Sides of the rows from their kinds, right-hand sides and ranges: [b, b + |R|] for G, [b − |R|, b] for L, by the sign of R for E.</summary>
    private (double[] Lower, double[] Upper) Sides()
    {
        int m = _rowNames.Count;
        var lower = new double[m];
        var upper = new double[m];
        for (int i = 0; i < m; i++)
        {
            double b = _rightHandSides[i];
            bool hasRange = _ranges.TryGetValue(i, out (double Value, int Line) range);
            double width = Math.Abs(range.Value);
            (lower[i], upper[i]) = _rowKinds[i] switch
            {
                'E' when hasRange => range.Value < 0.0 ? (b - width, b) : (b, b + width),
                'E' => (b, b),
                'L' => (hasRange ? b - width : double.NegativeInfinity, b),
                _ => (b, hasRange ? b + width : double.PositiveInfinity),
            };
        }
        return (lower, upper);
    }

    /// <summary>Where the pairs of a line of RHS or RANGES begin; −1 when it belongs to a set that is not in use.</summary>
    private int Pairs(MpsLine line, string section)
    {
        int count = line.Fields.Length;
        if (count is < 2 or > 5) throw line.Malformed($"a line of {section} has the name of a set and one or two pairs of row and value; this one has {count} fields", "names must not contain blanks unless the file is in fixed columns");
        if (count % 2 == 0) return 0;
        return IsFirstSet(section, line.Fields[0]) ? 1 : -1;
    }

    private bool IsFirstSet(string section, string name)
    {
        if (_sets.TryAdd(section, name) || _sets[section] == name) return true;
        if (_sets.TryAdd($"{section} {name}", "")) _notes.Add($"set {name} of {section} was left out: {_sets[section]} is the first");
        return false;
    }

    private int RowOf(MpsLine line, string name) =>
        _rows.TryGetValue(name, out int row) ? row : throw line.Malformed($"there is no row {name}", "declare it in ROWS, which stands before COLUMNS");

    private int ColumnOf(MpsLine line, string name) =>
        _columns.TryGetValue(name, out int column) ? column : throw line.Malformed($"there is no column {name}", "declare it in COLUMNS, in the same letters");
}
