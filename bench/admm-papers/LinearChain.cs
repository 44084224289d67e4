using MathNet.Numerics.LinearAlgebra;

namespace Optc.Bench.AdmmPapers;

/// <summary>A sampler of a normal density whose round is linear, s⁺ = T s + c + noise: the law of what it draws is normal, with mean and covariance known in every round.</summary>
internal sealed class LinearChain(Matrix<double> transition, Vector<double> shift, Matrix<double> noise, Matrix<double> drawn)
{
    /// <summary>Wasserstein distances of the law of the draws to a normal law, round by round, from the state zero.</summary>
    public double[] Distances(Gaussian target, int rounds)
    {
        Vector<double> mean = Vector<double>.Build.Dense(shift.Count);
        Matrix<double> covariance = Matrix<double>.Build.Dense(shift.Count, shift.Count);
        var distances = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            mean = (transition * mean) + shift;
            covariance = (transition * covariance * transition.Transpose()) + noise;
            var law = new Gaussian(drawn * mean, drawn * covariance * drawn.Transpose());
            distances[round] = double.IsFinite(law.Covariance.FrobeniusNorm()) && law.Covariance.FrobeniusNorm() < 1e12 ? law.Distance(target) : double.PositiveInfinity;
            if (double.IsPositiveInfinity(distances[round]))
            {
                Array.Fill(distances, double.PositiveInfinity, round, rounds - round);
                break;
            }
        }
        return distances;
    }
}

/// <summary>A normal law.</summary>
internal sealed record Gaussian(Vector<double> Mean, Matrix<double> Covariance)
{
    /// <summary>The 2-Wasserstein distance √(‖m − m′‖² + tr(C + C′ − 2 (C′^½ C C′^½)^½)).</summary>
    public double Distance(Gaussian other)
    {
        Matrix<double> root = Root(other.Covariance);
        double means = (Mean - other.Mean).DotProduct(Mean - other.Mean);
        double covariances = Covariance.Trace() + other.Covariance.Trace() - (2.0 * Root(root * Covariance * root).Trace());
        return Math.Sqrt(Math.Max(0.0, means + covariances));
    }

    /// <summary>The distance of all to a point at the mean: the size of the law.</summary>
    public double Size => Math.Sqrt(Covariance.Trace());

    private static Matrix<double> Root(Matrix<double> m)
    {
        var evd = (0.5 * (m + m.Transpose())).Evd(Symmetricity.Symmetric);
        Vector<double> roots = evd.EigenValues.Map(e => Math.Sqrt(Math.Max(0.0, e.Real)));
        return evd.EigenVectors * Matrix<double>.Build.DiagonalOfDiagonalVector(roots) * evd.EigenVectors.Transpose();
    }
}
