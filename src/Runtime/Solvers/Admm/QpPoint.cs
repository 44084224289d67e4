namespace Optc.Runtime.Solvers.Admm;

/// <summary>A point with multipliers of rows (y) and bounds (z), signs as in docs/conventions.md, and how good it is.</summary>
internal sealed class QpPoint(int n, int m)
{
    public double[] X { get; } = new double[n];

    public double[] Y { get; } = new double[m];

    public double[] Z { get; } = new double[n];

    /// <summary>Residuals on the program before scaling; NaN before the point was measured.</summary>
    public QpResiduals Residuals { get; set; } = new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);

    public void CopyFrom(QpPoint other)
    {
        other.X.CopyTo(X, 0);
        other.Y.CopyTo(Y, 0);
        other.Z.CopyTo(Z, 0);
        Residuals = other.Residuals;
    }

    /// <summary>Whether this point is better: a smaller largest residual, where anything below a level counts as that level and the absolute ones then decide.</summary>
    public bool IsBetterThan(QpPoint other, double level)
    {
        double mine = Residuals.Largest, others = other.Residuals.Largest;
        if (double.IsNaN(mine)) return false;
        if (double.IsNaN(others)) return true;
        return mine <= level && others <= level
            ? Residuals.LargestAbsolute < other.Residuals.LargestAbsolute
            : mine < others;
    }
}
