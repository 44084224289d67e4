namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>The shift δ that makes the Newton matrix that of a minimum (Wächter and Biegler 2006, Algorithm IC).</summary>
internal sealed class InertiaControl
{
    private const double FirstShift = 1e-4;
    private const double SmallestShift = 1e-20;
    private const double LargestShift = 1e40;
    private double _last;

    /// <summary>Shift δ of the last factorisation.</summary>
    public double Shift { get; private set; }

    /// <summary>Forgets what was needed before.</summary>
    public void Reset() => Shift = _last = 0.0;

    /// <summary>Factors, without a shift if that will do; false when none does.</summary>
    public bool Factor(IBoundNewtonSystem newton, ReadOnlySpan<double> diagonal) => FactorWithoutShift(newton, diagonal) || FactorWithShift(newton, diagonal);

    /// <summary>Factors without a shift; false when the matrix is not that of a minimum.</summary>
    public bool FactorWithoutShift(IBoundNewtonSystem newton, ReadOnlySpan<double> diagonal)
    {
        Shift = 0.0;
        return newton.Factor(diagonal, 0.0);
    }

    /// <summary>Factors with the smallest shift of a growing sequence that will do; false when none does.</summary>
    public bool FactorWithShift(IBoundNewtonSystem newton, ReadOnlySpan<double> diagonal)
    {
        double shift = _last == 0.0 ? FirstShift : Math.Max(SmallestShift, _last / 3.0);
        double growth = _last == 0.0 ? 100.0 : 8.0;
        for (; shift <= LargestShift; shift *= growth)
        {
            if (newton.WasInterrupted) return false;
            if (!newton.Factor(diagonal, shift)) continue;
            Shift = _last = shift;
            return true;
        }
        return false;
    }

    /// <summary>Factors with a larger shift than the last, for a shorter step.</summary>
    public bool Raise(IBoundNewtonSystem newton, ReadOnlySpan<double> diagonal)
    {
        const double Growth = 100.0, Least = 1e-6;
        _last = Shift;
        double shift = Math.Max(Shift * Growth, Least);
        if (!newton.Factor(diagonal, shift)) return false;
        Shift = _last = shift;
        return true;
    }
}
