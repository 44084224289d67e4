namespace Optc.Runtime.Templates;

/// <summary>
/// Columns of derivatives in extended space: 0 … n−1 are the free variables, n + rank the stage values, ranked so that a
/// stage value depends on stage values of smaller rank only. Fixed variables have no column.
/// </summary>
internal sealed class ColumnSpace
{
    /// <summary>The column of a fixed variable.</summary>
    public const int None = -1;

    private readonly int[]? _columns;

    public ColumnSpace(TemplateProblemDefinition definition)
    {
        var declared = definition.DeclaredCount;
        FreeCount = definition.FreeCount;
        StageCount = definition.StageCount;
        StageOfRank = StageOrder.Find(definition);
        RankOfStage = new int[StageCount];
        for (var rank = 0; rank < StageCount; rank++)
            RankOfStage[StageOfRank[rank]] = rank;
        if (StageCount == 0 && definition.FreePositions is null)
            return;
        _columns = new int[declared + StageCount];
        if (definition.FreePositions is { } free)
        {
            Array.Fill(_columns, None);
            for (var k = 0; k < free.Length; k++)
                _columns[free[k]] = k;
        }
        else
        {
            for (var k = 0; k < declared; k++)
                _columns[k] = k;
        }
        for (var stage = 0; stage < StageCount; stage++)
            _columns[declared + stage] = FreeCount + RankOfStage[stage];
    }

    /// <summary>Positions in the order of their columns, and behind them one position for all that has no column.</summary>
    public ColumnSpace(int freeCount, int stageCount)
    {
        (FreeCount, StageCount) = (freeCount, stageCount);
        StageOfRank = RankOfStage = [.. Enumerable.Range(0, stageCount)];
        _columns = [.. Enumerable.Range(0, Count), None];
    }

    /// <summary>Free variables n.</summary>
    public int FreeCount { get; }

    /// <summary>Stage values Z.</summary>
    public int StageCount { get; }

    /// <summary>n + Z.</summary>
    public int Count => FreeCount + StageCount;

    /// <summary>Rank of each stage value.</summary>
    public int[] RankOfStage { get; }

    /// <summary>The stage value of each rank.</summary>
    public int[] StageOfRank { get; }

    /// <summary>Every position is its own column.</summary>
    public bool IsIdentity => _columns is null;

    /// <summary>The column of a position of the extended point.</summary>
    public int this[int position] => _columns is null ? position : _columns[position];
}
