namespace Optc.Runtime.Readers;

/// <summary>Bounds of the columns: [0, ∞) unless a line of BOUNDS says otherwise.</summary>
internal sealed class MpsBounds
{
    private readonly List<double> _lower = [];
    private readonly List<double> _upper = [];
    private readonly List<int> _line = [];
    private readonly HashSet<int> _lowerGiven = [];

    /// <summary>Whether a kind of bound has a value; null for what is no kind.</summary>
    public static bool? HasValue(string kind) => kind switch
    {
        "LO" or "UP" or "FX" or "LI" or "UI" or "SC" or "SI" => true,
        "FR" or "MI" or "PL" or "BV" => false,
        _ => null,
    };

    /// <summary>Whether a kind makes a column something that is not continuous.</summary>
    public static bool IsInteger(string kind) => kind is "BV" or "LI" or "UI" or "SC" or "SI";

    /// <summary>A new column.</summary>
    public void Add()
    {
        _lower.Add(0.0);
        _upper.Add(double.PositiveInfinity);
        _line.Add(0);
    }

    /// <summary>One bound of a column, with its value in a field of a line; a note where a convention had to decide.</summary>
    public string? Set(string kind, int column, MpsLine? line, int field)
    {
        double value = line?.Bound(field) ?? 0.0;
        _line[column] = line?.Number ?? _line[column];
        switch (kind)
        {
            case "LO":
                if (double.IsPositiveInfinity(value)) throw new MpsFormatException(line!.Value.Number, "a lower bound is +infinity", "no value satisfies it; use MI or a finite bound");
                _lower[column] = value;
                _lowerGiven.Add(column);
                return null;
            case "UP":
                if (double.IsNegativeInfinity(value)) throw new MpsFormatException(line!.Value.Number, "an upper bound is -infinity", "no value satisfies it; use PL or a finite bound");
                _upper[column] = value;
                // The convention of MPS: a negative upper bound takes the default lower bound 0 away.
                if (value >= 0.0 || _lowerGiven.Contains(column)) return null;
                _lower[column] = double.NegativeInfinity;
                return $"has a negative upper bound ({value:R}) and no lower bound: its lower bound is -infinity by the convention of MPS";
            case "FX":
                if (double.IsInfinity(value)) throw new MpsFormatException(line!.Value.Number, "a column is fixed at infinity", "fix it at a finite value");
                (_lower[column], _upper[column]) = (value, value);
                _lowerGiven.Add(column);
                return null;
            case "FR":
                (_lower[column], _upper[column]) = (double.NegativeInfinity, double.PositiveInfinity);
                _lowerGiven.Add(column);
                return null;
            case "MI":
                _lower[column] = double.NegativeInfinity;
                _lowerGiven.Add(column);
                return null;
            default:
                _upper[column] = double.PositiveInfinity;
                return null;
        }
    }

    /// <summary>The bounds; refuses a pair that crosses.</summary>
    public (double[] Lower, double[] Upper) Arrays(List<string> names)
    {
        for (int j = 0; j < names.Count; j++)
        {
            if (_lower[j] > _upper[j])
            {
                throw new MpsFormatException(
                    _line[j], $"the bounds of column {names[j]} cross: lower {_lower[j]:R}, upper {_upper[j]:R}",
                    "a column without LO has the lower bound 0; correct one of the two");
            }
        }
        return ([.. _lower], [.. _upper]);
    }
}
