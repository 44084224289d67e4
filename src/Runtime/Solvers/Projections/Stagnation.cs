namespace Optc.Runtime.Solvers.Projections;

/// <summary>Whether a search has stopped to come nearer: in the later half of a period the sets were never nearer to each other than nine tenths of what they were in the earlier one.
/// Periods grow, so that a search that needs long gets it.</summary>
internal sealed class Stagnation(int period)
{
    private const double Growth = 1.5;
    private double _length = period;
    private int _count;
    private double _earlier = double.PositiveInfinity;
    private double _later = double.PositiveInfinity;

    /// <summary>Takes the gap of one more iteration; true when the search should begin again, which begins a period.</summary>
    public bool IsStuck(double gap)
    {
        if (period == 0) return false;
        _count++;
        if (_count <= 0.5 * _length) _earlier = Math.Min(_earlier, gap);
        else _later = Math.Min(_later, gap);
        if (_count < _length) return false;
        bool isStuck = _later > 0.9 * _earlier;
        (_count, _earlier, _later) = (0, double.PositiveInfinity, double.PositiveInfinity);
        if (isStuck) _length *= Growth;
        return isStuck;
    }
}
