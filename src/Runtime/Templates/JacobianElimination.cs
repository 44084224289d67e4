using System.Runtime.CompilerServices;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// Takes the stage values out of an extended Jacobian: in each row, from the highest rank down, the entry on a stage
/// value is pushed to that value's arguments, <c>J(i,a) += J(i,z)·∂z/∂a</c>. The pattern is static, so all of this is
/// a flat list of operations found once. Cells: the final entries (CSR order), then one for each row and stage value.
/// After <see cref="Run"/> the latter hold the total derivative of the row in the stage value.
/// </summary>
internal sealed class JacobianElimination
{
    private readonly int[] _stageRank;
    private readonly int[] _row;
    private readonly int[] _targets;

    /// <param name="extended">Extended Jacobian, columns as in <see cref="ColumnSpace"/>.</param>
    /// <param name="stages">First derivatives of the stage values, row = rank.</param>
    /// <param name="freeCount">Free variables n.</param>
    /// <param name="limit">Most operations.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public JacobianElimination(SparsePattern extended, SparsePattern stages, int freeCount, long limit)
    {
        var starts = new int[extended.MajorCount + 1];
        var cellOfColumn = new int[extended.MinorCount];
        var lastRow = new int[extended.MinorCount];
        Array.Fill(lastRow, -1);
        List<int> indices = [], ranks = [], rows = [], targets = [], free = [], passed = [];
        var cells = new int[extended.Count];
        for (var row = 0; row < extended.MajorCount; row++)
        {
            free.Clear();
            passed.Clear();
            void Reach(int column)
            {
                if (lastRow[column] == row)
                    return;
                lastRow[column] = row;
                (column < freeCount ? free : passed).Add(column);
            }
            for (var k = extended.Starts[row]; k < extended.Starts[row + 1]; k++)
                Reach(extended.Indices[k]);
            for (var k = 0; k < passed.Count; k++)
            {
                var rank = passed[k] - freeCount;
                for (var s = stages.Starts[rank]; s < stages.Starts[rank + 1]; s++)
                    Reach(stages.Indices[s]);
            }
            free.Sort();
            passed.Sort();
            // Cells of stage values are written ~g until the number of final entries is known.
            foreach (var column in free)
            {
                cellOfColumn[column] = indices.Count;
                indices.Add(column);
            }
            var operations = (long)targets.Count;
            for (var k = passed.Count - 1; k >= 0; k--)
            {
                operations += stages.Starts[passed[k] - freeCount + 1] - stages.Starts[passed[k] - freeCount];
                cellOfColumn[passed[k]] = ~ranks.Count;
                ranks.Add(passed[k] - freeCount);
                rows.Add(row);
            }
            Eliminations.CheckLimit(operations, limit, "Jacobian");
            for (var k = passed.Count - 1; k >= 0; k--)
            {
                var rank = passed[k] - freeCount;
                for (var s = stages.Starts[rank]; s < stages.Starts[rank + 1]; s++)
                    targets.Add(cellOfColumn[stages.Indices[s]]);
            }
            for (var k = extended.Starts[row]; k < extended.Starts[row + 1]; k++)
                cells[k] = cellOfColumn[extended.Indices[k]];
            starts[row + 1] = indices.Count;
        }
        Pattern = new SparsePattern(extended.MajorCount, freeCount, starts, [.. indices]);
        _stageRank = [.. ranks];
        _row = [.. rows];
        _targets = [.. targets];
        CellOfEntry = cells;
        CellCount = checked(Pattern.Count + _stageRank.Length);
        Eliminations.Shift(_targets, Pattern.Count);
        Eliminations.Shift(CellOfEntry, Pattern.Count);
    }

    /// <summary>The Jacobian in the free variables, by rows.</summary>
    public SparsePattern Pattern { get; }

    /// <summary>Cell of each entry of the extended Jacobian.</summary>
    public int[] CellOfEntry { get; }

    /// <summary>Number of cells.</summary>
    public int CellCount { get; }

    /// <summary>Eliminates, given the stages' first derivatives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(Span<double> cells, SparsePattern stages, ReadOnlySpan<double> stageValues)
    {
        var first = Pattern.Count;
        var next = 0;
        for (var g = 0; g < _stageRank.Length; g++)
        {
            var value = cells[first + g];
            var rank = _stageRank[g];
            foreach (var partial in stageValues[stages.Starts[rank]..stages.Starts[rank + 1]])
                cells[_targets[next++]] += value * partial;
        }
    }

    /// <summary>After <see cref="Run"/>: adds Σᵢ wᵢ · dcᵢ/dz to the adjoints, which are by rank.</summary>
    public void AddAdjoints(ReadOnlySpan<double> cells, ReadOnlySpan<double> weights, Span<double> adjoints)
    {
        var first = Pattern.Count;
        for (var g = 0; g < _stageRank.Length; g++)
            adjoints[_stageRank[g]] += weights[_row[g]] * cells[first + g];
    }
}
