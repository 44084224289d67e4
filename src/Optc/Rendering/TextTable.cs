namespace Optc.Cli.Rendering;

/// <summary>Rows of text in aligned columns.</summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [headers];

    /// <summary>Columns before this one are aligned left, the others right.</summary>
    public int LeftColumns { get; init; } = 1;

    /// <summary>Adds a row with a cell for every column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes all rows, indented by two.</summary>
    public void Write(TextWriter writer)
    {
        int[] widths = [.. Enumerable.Range(0, headers.Length).Select(c => _rows.Max(row => row[c].Length))];
        foreach (string[] row in _rows)
        {
            IEnumerable<string> cells = row.Select((cell, c) => c < LeftColumns ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]));
            writer.WriteLine(("  " + string.Join("  ", cells)).TrimEnd());
        }
    }
}
