namespace Optc.Runtime.Solvers.Inner;

/// <summary>Newton steps with a shift δ that makes the matrix positive definite where φ is not convex (Wächter, Biegler 2006, Algorithm IC).</summary>
internal sealed class ShiftedNewton
{
    private const double FirstShift = 1e-4;
    private const double LargestShift = 1e40;
    private double _last;

    /// <summary>δ of the last factorisation.</summary>
    public double Shift { get; private set; }

    /// <summary>Forgets the last shift.</summary>
    public void Reset() => Shift = _last = 0.0;

    /// <summary>Factors H + (least + δ)I; false when no δ will do.</summary>
    public bool Factor(InnerPoint at, double least)
    {
        Shift = 0.0;
        if (at.Function.Factor(at.Held, least)) return true;
        double growth = _last == 0.0 ? 100.0 : 8.0;
        for (double shift = _last == 0.0 ? FirstShift : Math.Max(1e-20, _last / 3.0); shift <= LargestShift; shift *= growth)
        {
            if (!at.Function.Factor(at.Held, least + shift)) continue;
            Shift = _last = shift;
            return true;
        }
        return false;
    }
}
