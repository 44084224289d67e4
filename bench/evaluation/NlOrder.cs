using Optc.Compiler;

namespace Optc.Bench.Evaluation;

/// <summary>A .nl file puts nonlinear variables and rows first; the files with names beside it tell which is which.</summary>
internal static class NlOrder
{
    /// <summary>Optc's number of each of the file's variables and constraints.</summary>
    public static (int[] Columns, int[] Rows) Read(string nlFile, CompiledModel compiled)
    {
        var columns = new Dictionary<string, int>();
        foreach (VarEntity family in compiled.Model.Variables)
        {
            for (int k = 0; k < family.Domain!.Count; k++) columns[family.PlainName(k)] = family.Offset + k;
        }
        var rows = new Dictionary<string, int>();
        for (int row = 0; row < compiled.RowOwner.Length; row++) rows[compiled.RowOwner[row]!.PlainName(compiled.RowPosition[row])] = row;
        return (Lookup(Path.ChangeExtension(nlFile, ".col"), columns), Lookup(Path.ChangeExtension(nlFile, ".row"), rows));
    }

    /// <summary>The file's lines beyond the constraints are objectives.</summary>
    private static int[] Lookup(string file, Dictionary<string, int> numbers) =>
        numbers.Count == 0 ? [] : [.. File.ReadLines(file).Take(numbers.Count).Select(name => numbers[name])];
}
