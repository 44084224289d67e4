namespace Optc.Runtime.Solvers.Consensus;

/// <summary>The mean of answers since the beginning of the last power of two or half as many: at least the later half of what there was is in it.</summary>
internal sealed class PointAverage(WholeAnswer answer)
{
    private readonly double[] _older = new double[answer.Point.Length];
    private readonly double[] _newer = new double[answer.Point.Length];
    private readonly double[] _olderRows = new double[answer.ConstraintMultipliers.Length];
    private readonly double[] _newerRows = new double[answer.ConstraintMultipliers.Length];
    private int _olderCount;
    private int _newerCount;

    /// <summary>Answers in the mean.</summary>
    public int Count => _olderCount + _newerCount;

    /// <summary>Adds the answer as it is gathered, of a round with a number from 1.</summary>
    public void Add(int round)
    {
        if (int.IsPow2(round))
        {
            _newer.CopyTo(_older, 0);
            _newerRows.CopyTo(_olderRows, 0);
            _olderCount = _newerCount;
            Array.Clear(_newer);
            Array.Clear(_newerRows);
            _newerCount = 0;
        }
        for (int j = 0; j < _newer.Length; j++) _newer[j] += answer.Point[j];
        for (int i = 0; i < _newerRows.Length; i++) _newerRows[i] += answer.ConstraintMultipliers[i];
        _newerCount++;
    }

    /// <summary>Puts the mean in the place of the answer.</summary>
    public void Take()
    {
        for (int j = 0; j < _newer.Length; j++) answer.Point[j] = (_older[j] + _newer[j]) / Count;
        for (int i = 0; i < _newerRows.Length; i++) answer.ConstraintMultipliers[i] = (_olderRows[i] + _newerRows[i]) / Count;
    }
}
