using System.Globalization;
using System.Text;

namespace Optc.Bench.BlockRules;

/// <summary>The report while it is written: text, tables, pictures.</summary>
internal sealed class Report(string folder)
{
    private readonly StringBuilder _text = new();

    public void Heading(string title) => Add($"\n## {title}\n");

    public void Text(string text) => Add($"\n{text}\n");

    public void Table(string[] columns, IEnumerable<object[]> rows)
    {
        Add($"\n| {string.Join(" | ", columns)} |\n|{string.Concat(Enumerable.Repeat("---|", columns.Length))}\n");
        foreach (object[] row in rows) Add($"| {string.Join(" | ", row.Select(Cell))} |\n");
    }

    public void Picture(string name, string caption, params Panel[] panels)
    {
        Plot.Write(Path.Combine(folder, name), panels);
        Add($"\n![{caption}]({name})\n");
    }

    public static string Cell(object value) => value switch
    {
        double d when d == 0 => "0",
        double d when Math.Abs(d) is < 1e-3 or >= 1e5 => d.ToString("0.0e0", CultureInfo.InvariantCulture),
        double d => d.ToString("G3", CultureInfo.InvariantCulture),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Writes the sections to a file that begins with an introduction; other sections that it has already are kept, in their order.</summary>
    public void Write(string name, string introduction)
    {
        string file = Path.Combine(folder, name);
        List<string> sections = File.Exists(file) ? Sections(File.ReadAllText(file)) : [];
        foreach (string section in Sections(_text.ToString()))
        {
            int known = sections.FindIndex(s => Title(s) == Title(section));
            if (known >= 0) sections[known] = section;
            else sections.Add(section);
        }
        File.WriteAllText(file, $"{introduction}\n\n{string.Join("\n\n", sections)}\n");
    }

    private static List<string> Sections(string text) => [.. text.Split("\n## ").Skip(1).Select(s => "## " + s.Trim('\n'))];

    private static string Title(string section) => section.Split('\n')[0];

    private void Add(string text)
    {
        _text.Append(text);
        Console.Write(text);
    }
}
