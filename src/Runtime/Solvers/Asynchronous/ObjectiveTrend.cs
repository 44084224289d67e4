namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>Whether an objective falls as fast as it did: slopes before and after half of all looks, told from the values at powers of two.</summary>
internal sealed class ObjectiveTrend(double start)
{
    /// <summary>Looks before which a trend says nothing.</summary>
    private const int LeastLooks = 64;

    /// <summary>Share of the earlier slope that a convergent iteration falls below.</summary>
    private const double Share = 0.9;

    private double _quarter = start, _half = start, _whole = start, _last = start;
    private int _mark = 1, _looks;

    /// <summary>Whether it has kept its slope over many looks, as it does without a least value and hardly on the way to one.</summary>
    public bool FallsOn
    {
        get
        {
            if (_looks < LeastLooks || !(_last < _half)) return false;
            double before = (_quarter - _half) / (0.25 * _mark), since = (_half - _last) / (_looks - (0.5 * _mark));
            return since >= Share * before;
        }
    }

    /// <summary>Takes the value at a look.</summary>
    public void Note(double objective)
    {
        _last = objective;
        if (++_looks < 2 * _mark) return;
        (_quarter, _half, _whole, _mark) = (_half, _whole, objective, _looks);
    }
}
