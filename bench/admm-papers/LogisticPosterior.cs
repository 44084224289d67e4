namespace Optc.Bench.AdmmPapers;

/// <summary>The posterior of examples/bayes_logistic.opt, written again here, and its moments by sums over a grid.</summary>
internal static class LogisticPosterior
{
    private const int Clinics = 4, Records = 6, Points = 1600;

    public static (double[] Mean, double[] Deviation) Moments()
    {
        double total = 0.0;
        double[] first = new double[2], second = new double[2];
        for (int i = 0; i < Points; i++)
        {
            for (int j = 0; j < Points; j++)
            {
                double[] w = [-9.0 + (16.0 * (i + 0.5) / Points), -4.0 + (20.0 * (j + 0.5) / Points)];
                double density = Math.Exp(12.0 - MinusLog(w[0], w[1]));
                total += density;
                for (int c = 0; c < 2; c++)
                {
                    first[c] += density * w[c];
                    second[c] += density * w[c] * w[c];
                }
            }
        }
        return ([.. first.Select(v => v / total)], [.. first.Zip(second, (a, b) => Math.Sqrt((b / total) - (a / total * (a / total))))]);
    }

    private static double MinusLog(double a, double b)
    {
        double sum = 0.5 * ((a * a) + (b * b)) / 9.0;
        for (int k = 1; k <= Clinics; k++)
        {
            for (int i = 1; i <= Records; i++)
            {
                double x = (1.5 * Math.Sin(2.3 * (i + (11 * k)))) + (0.5 * Math.Cos(k)), label = (1.5 * x) - 0.5 + Math.Sin(91.7 * (i + (6 * k))) > 0.0 ? 1.0 : -1.0;
                sum += Math.Log(1.0 + Math.Exp(-label * (a + (b * x))));
            }
        }
        return sum;
    }
}
