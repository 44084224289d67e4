namespace Optc.Runtime.Solvers.Projections;

/// <summary>
/// Whether a sequence has come back to a point where it was, from which a deterministic map repeats itself for ever (Brent, An improved Monte Carlo factorization algorithm, 1980):
/// each point is compared with one that is renewed when twice as many have passed since. A comparison ends at the first entry that differs.
/// </summary>
/// <param name="length">Length of the points.</param>
internal sealed class Cycle(int length)
{
    private readonly double[] _mark = new double[length];
    private long _since;
    private long _renewal = 1;

    /// <summary>Takes the next point; true when it is the marked one.</summary>
    public bool Closes(ReadOnlySpan<double> x)
    {
        if (_since > 0 && x.SequenceEqual(_mark)) return true;
        _since++;
        if (_since != _renewal) return false;
        x.CopyTo(_mark);
        (_since, _renewal) = (1, 2 * _renewal);
        return false;
    }

    /// <summary>A new sequence begins.</summary>
    public void Reset() => (_since, _renewal) = (0, 1);
}
