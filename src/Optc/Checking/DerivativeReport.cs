namespace Optc.Cli.Checking;

/// <summary>An entry on which a derivative and its differences disagree.</summary>
/// <param name="What">For people: <c>d c1 / d x[2]</c>.</param>
/// <param name="Symbolic">What the compiled model says.</param>
/// <param name="Numeric">What differences say.</param>
public readonly record struct Disagreement(string What, double Symbolic, double Numeric);

/// <summary>One kind of derivative: gradient, Jacobian or Hessian.</summary>
public sealed class DerivativeReport(string kind)
{
    private const int Kept = 20;
    private readonly List<Disagreement> _disagreements = [];

    /// <summary>gradient, Jacobian, Hessian.</summary>
    public string Kind { get; } = kind;

    /// <summary>Entries compared, zeros outside the pattern included.</summary>
    public long Checked { get; private set; }

    /// <summary>Entries that differences cannot judge: the function is not smooth or not defined nearby.</summary>
    public long Skipped { get; private set; }

    /// <summary>Entries on which the two disagree.</summary>
    public long Wrong { get; private set; }

    /// <summary>Largest difference among entries that agree, relative to max(1, |entry|).</summary>
    public double Largest { get; private set; }

    /// <summary>The first entries that disagree.</summary>
    public IReadOnlyList<Disagreement> Disagreements => _disagreements;

    /// <summary>Compares one entry.</summary>
    internal void Compare(double symbolic, (double Value, double Error) numeric, Func<string> what)
    {
        double scale = Math.Max(1.0, Math.Max(Math.Abs(symbolic), Math.Abs(numeric.Value)));
        // Differences that are off by a thousandth themselves cannot judge; written so that NaN is skipped too.
        if (!(numeric.Error <= 1e-3 * scale))
        {
            Skipped++;
            return;
        }
        Checked++;
        double difference = Math.Abs(symbolic - numeric.Value);
        if (difference <= 1e-6 * scale + 10.0 * numeric.Error)
        {
            Largest = Math.Max(Largest, difference / scale);
            return;
        }
        Wrong++;
        if (_disagreements.Count < Kept) _disagreements.Add(new Disagreement(what(), symbolic, numeric.Value));
    }
}
