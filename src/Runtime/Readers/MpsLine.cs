using System.Globalization;

namespace Optc.Runtime.Readers;

/// <summary>A line of a file cut into fields.</summary>
internal readonly struct MpsLine
{
    /// <summary>First columns (from 0) and lengths of the six fields of the fixed layout.</summary>
    private static readonly (int At, int Length)[] Columns = [(1, 2), (4, 8), (14, 8), (24, 12), (39, 8), (49, 12)];

    private MpsLine(int number, string[] fields)
    {
        Number = number;
        Fields = fields;
    }

    /// <summary>From 1.</summary>
    public int Number { get; }

    /// <summary>The fields that are there, the code of ROWS and BOUNDS first.</summary>
    public string[] Fields { get; }

    /// <summary>Fields separated by blanks; a field that begins with $ begins a remark.</summary>
    public static MpsLine Free(int number, string text)
    {
        string[] fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        int remark = Array.FindIndex(fields, 1, f => f[0] == '$');
        return new MpsLine(number, remark > 0 ? fields[..remark] : fields);
    }

    /// <summary>Fields in their columns. Fields at the end may be missing, and so may the name of a set, whose field is then blank.</summary>
    public static MpsLine Fixed(int number, string text)
    {
        if (text.Contains('\t', StringComparison.Ordinal))
            throw new MpsFormatException(number, "a tab stands in a line that is read in fixed columns", "replace tabs by blanks, or use the free layout with names without blanks");
        var fields = new List<string>(6);
        for (int k = 0; k < Columns.Length; k++)
        {
            (int at, int length) = Columns[k];
            string field = at >= text.Length ? "" : text.Substring(at, Math.Min(length, text.Length - at)).Trim();
            if (field.Length > 0 && field[0] == '$' && k is 2 or 4) break;
            if (field.Length > 0) fields.Add(field);
        }
        return new MpsLine(number, [.. fields]);
    }

    /// <summary>A finite number; Fortran's D exponent is one too.</summary>
    public double Coefficient(int field)
    {
        double value = Bound(field);
        return double.IsFinite(value) ? value : throw Bad(field, "is not finite", "write a finite coefficient");
    }

    /// <summary>A number, from ±1e20 on infinite.</summary>
    public double Bound(int field)
    {
        string text = Fields[field];
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && !double.TryParse(text.Replace('D', 'E').Replace('d', 'e'), NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            value = text.TrimStart('+', '-').ToUpperInvariant() is "INF" or "INFINITY"
                ? (text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity)
                : throw Bad(field, "is not a number", "write numbers as 12.5, -1e-3 or 1d+2", isLayout: true);
        }
        if (double.IsNaN(value)) throw Bad(field, "is not a number", "write a number");
        return value >= 1e20 ? double.PositiveInfinity : value <= -1e20 ? double.NegativeInfinity : value;
    }

    /// <summary>An error in this line that another layout may not have.</summary>
    public MpsFormatException Malformed(string cause, string remedy) => new(Number, cause, remedy) { IsLayout = true };

    private MpsFormatException Bad(int field, string what, string remedy, bool isLayout = false) =>
        new(Number, $"'{Fields[field]}' {what}", remedy) { IsLayout = isLayout };
}
