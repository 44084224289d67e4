namespace Optc.Runtime.Native.Tests;

/// <summary>One function, its reference and the arguments that try it.</summary>
internal sealed record Subject(string Name, Func<double, double> Function, Func<BigFloat, BigFloat> Exact, Func<Random, int, IEnumerable<double>> Points);

/// <summary>A largest error and where it is.</summary>
internal readonly record struct Worst(double Ulp, double At)
{
    public static Worst Of(Subject subject, int count, int seed)
    {
        var worst = default(Worst);
        foreach (double x in subject.Points(new Random(seed), count).Where(double.IsFinite))
        {
            double error = subject.Exact(x).ErrorInUlp(subject.Function(x));
            if (!(error <= worst.Ulp)) worst = new(error, x);
        }
        return worst;
    }
}
