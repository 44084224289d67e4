namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The filter of a line search: pairs (θ, ψ) of violation and barrier function that no later point may be worse than in both
/// (Fletcher and Leyffer 2002; Wächter and Biegler 2006, §2.3).
/// </summary>
internal sealed class Filter
{
    private (double Theta, double Psi)[] _entries = new (double, double)[64];
    private int _count;

    /// <summary>Violations beyond this are never acceptable.</summary>
    public double LargestTheta { get; private set; }

    /// <summary>Forgets everything but the largest violation.</summary>
    public void Reset(double largestTheta)
    {
        LargestTheta = largestTheta;
        _count = 0;
    }

    /// <summary>Whether no entry is better in both.</summary>
    public bool Accepts(double theta, double psi)
    {
        if (!(theta <= LargestTheta)) return false;
        for (int k = 0; k < _count; k++)
        {
            if (theta >= _entries[k].Theta && psi >= _entries[k].Psi) return false;
        }
        return true;
    }

    /// <summary>Adds an entry and drops those that it makes superfluous.</summary>
    public void Add(double theta, double psi)
    {
        int kept = 0;
        for (int k = 0; k < _count; k++)
        {
            if (_entries[k].Theta < theta || _entries[k].Psi < psi) _entries[kept++] = _entries[k];
        }
        _count = kept;
        if (_count == _entries.Length) Array.Resize(ref _entries, 2 * _count);
        _entries[_count++] = (theta, psi);
    }
}
