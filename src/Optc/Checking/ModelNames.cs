using Optc.Compiler;

namespace Optc.Cli.Checking;

/// <summary>The names of a compiled problem's variables and constraints, as the user would write them.</summary>
internal sealed class ModelNames(CompiledModel compiled)
{
    private readonly VarEntity[] _families = [.. compiled.Model.Variables.Where(v => v.Domain!.Count > 0)];

    /// <summary>Name of a variable of the problem.</summary>
    public string Variable(int column)
    {
        int position = compiled.FreePositions is { } free ? free[column] : column;
        if (position >= compiled.DeclaredCount) return $"epigraph variable {position - compiled.DeclaredCount + 1}";
        int low = 0, high = _families.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_families[middle].Offset <= position) low = middle;
            else high = middle - 1;
        }
        return _families[low].PlainName(position - _families[low].Offset);
    }

    /// <summary>Name of a constraint of the problem.</summary>
    public string Constraint(int row) =>
        compiled.RowOwner[row] is { } owner ? owner.PlainName(compiled.RowPosition[row]) + (compiled.RowSide[row] switch { 1 => ".L", 2 => ".R", _ => "" }) : $"epigraph row {row + 1}";
}
