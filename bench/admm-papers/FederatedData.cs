using MathNet.Numerics.LinearAlgebra;

namespace Optc.Bench.AdmmPapers;

/// <summary>Weighted least squares over clients whose records differ in size, direction and precision.</summary>
internal sealed class FederatedData
{
    public FederatedData(int clients, int dimension, int records, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble())) * Math.Cos(2.0 * Math.PI * random.NextDouble());
        Vector<double> truth = Vector<double>.Build.Dense(dimension, _ => Normal());
        Hessians = new Matrix<double>[clients];
        Slopes = new Vector<double>[clients];
        for (int k = 0; k < clients; k++)
        {
            double mean = random.NextDouble() - 0.5, deviation = 0.1 + (0.3 * random.NextDouble());
            Matrix<double> x = Matrix<double>.Build.Dense(records, dimension, (_, j) => mean + (Normal() * Math.Pow(0.8, j)));
            Vector<double> y = (x * truth) + Vector<double>.Build.Dense(records, _ => deviation * Normal());
            double weight = 1.0 / (deviation * deviation * records);
            Hessians[k] = weight * x.TransposeThisAndMultiply(x);
            Slopes[k] = weight * x.TransposeThisAndMultiply(y);
        }
        Answer = Hessians.Aggregate((a, b) => a + b).Solve(Slopes.Aggregate((a, b) => a + b));
        Penalty = Hessians.Average(h => h.Evd().EigenValues.Max(e => e.Real));
    }

    /// <summary>H of each client's ½ xᵀHx − bᵀx.</summary>
    public Matrix<double>[] Hessians { get; }

    /// <summary>b.</summary>
    public Vector<double>[] Slopes { get; }

    /// <summary>The solution of all records together.</summary>
    public Vector<double> Answer { get; }

    /// <summary>The mean of the largest curvatures.</summary>
    public double Penalty { get; }

    public int Clients => Hessians.Length;

    public int Dimension => Answer.Count;
}
