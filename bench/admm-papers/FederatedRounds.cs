using MathNet.Numerics.LinearAlgebra;

namespace Optc.Bench.AdmmPapers;

/// <summary>What a client does with the shared variables and what it sends.</summary>
internal enum ClientRule
{
    /// <summary>ADMM in its usual order: u grows by x − z with the next z, which comes over the link a second time.</summary>
    DualKept,

    /// <summary>No dual variable; the message is x − ∇f(x)/ρ. What the solver does.</summary>
    DualEliminated,

    /// <summary>No dual variable; the message is 2x − (x before), as in the simulation programs that the authors published.</summary>
    Difference,
}

/// <summary>Simulated rounds for quadratics, written with matrices; the mean square distance of the clients' models to the answer by round.</summary>
internal static class FederatedRounds
{
    public static double[] MeanSquares(FederatedData data, ClientRule rule, int called, bool continues, bool keeps, double variance, int rounds, int runs, int seed)
    {
        int count = data.Clients, n = data.Dimension;
        double rho = data.Penalty, size = data.Answer.DotProduct(data.Answer), deviation = Math.Sqrt(variance);
        Matrix<double>[] step = [.. data.Hessians.Select(h => (h + (rho * Matrix<double>.Build.DenseIdentity(n))).Inverse())];
        var squares = new double[rounds];
        for (int run = 0; run < runs; run++)
        {
            var random = new Random(seed + run);
            Vector<double> Noisy(Vector<double> v) =>
                v + Vector<double>.Build.Dense(n, _ => deviation * Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble())) * Math.Cos(2.0 * Math.PI * random.NextDouble()));
            Vector<double>[] x = [.. Enumerable.Range(0, count).Select(k => step[k] * data.Slopes[k])];
            Vector<double>[] u = [.. x.Select(_ => Vector<double>.Build.Dense(n))], received = [.. x], message = [.. x];
            // x after a first step from zero; without dual variables x − ∇f(x)/ρ is 2x there.
            Vector<double> z = (rule == ClientRule.DualKept ? 1.0 : 2.0) * x.Aggregate((a, b) => a + b) / count;
            for (int k = 0; k < count; k++) received[k] = z;
            int[] order = [.. Enumerable.Range(0, count)];
            for (int round = 0; round < rounds; round++)
            {
                random.Shuffle(order);
                int[] now = round == 0 ? [.. order] : order[..called];
                foreach (int k in now) received[k] = Noisy(z);
                foreach (int k in continues ? order : now)
                {
                    Vector<double> before = x[k];
                    x[k] = rule switch
                    {
                        ClientRule.DualKept => step[k] * (data.Slopes[k] + (rho * (received[k] - u[k]))),
                        _ => step[k] * ((data.Hessians[k] * before) + (rho * received[k])),
                    };
                    if (!now.Contains(k)) continue;
                    message[k] = Noisy(rule switch
                    {
                        ClientRule.DualKept => x[k] + u[k],
                        ClientRule.DualEliminated => x[k] + ((data.Slopes[k] - (data.Hessians[k] * x[k])) / rho),
                        _ => (2.0 * x[k]) - before,
                    });
                }
                int[] heard = keeps ? order : now;
                z = heard.Select(k => message[k]).Aggregate((a, b) => a + b) / heard.Length;
                if (rule == ClientRule.DualKept)
                {
                    foreach (int k in now) u[k] += x[k] - Noisy(z);
                }
                squares[round] += x.Sum(v => (v - data.Answer).DotProduct(v - data.Answer)) / count / size;
            }
        }
        for (int round = 0; round < rounds; round++) squares[round] /= runs;
        return squares;
    }
}
