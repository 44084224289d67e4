namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// f, the penalty and the point they share, with what all updates do: slopes, curvatures, and steps that a line search makes safe
/// (Tseng, Yun, Math. Program. 117, 2009).
/// </summary>
internal sealed class BlockState
{
    private const double Sufficient = 1e-4, LongestStep = 1e4, Smallest = 1e-300;
    private const int MostHalvings = 50;

    private readonly double[] _shifted;

    public BlockState(SmoothFunction function, BlockPenalty penalty, double proximal)
    {
        (Function, Penalty, Proximal) = (function, penalty, proximal);
        int n = function.VariableCount;
        (_shifted, Slopes, Direction) = (new double[n], new double[n], new double[n]);
    }

    public SmoothFunction Function { get; }

    public BlockPenalty Penalty { get; }

    /// <summary>μ of the term ½μ‖d‖² in every model.</summary>
    public double Proximal { get; }

    /// <summary>Slopes of the block at work, by place.</summary>
    public double[] Slopes { get; }

    /// <summary>The step of the block at work, by place.</summary>
    public double[] Direction { get; }

    /// <summary>The objective at the last measurement: what rounding is relative to.</summary>
    public double Magnitude { get; set; }

    /// <summary>Derivative of the smooth part, that of the penalty included.</summary>
    public double Slope(int j) => Function.Partial(j) + Penalty.Slope(j, Function.Point[j]);

    /// <summary>Second derivative of a coordinate's model: positive, and enough for no step longer than 10⁴ (1 + |x|).</summary>
    public double Curvature(int j) => Enough(j, Math.Abs(Function.Curvature(j) + Penalty.Separable.L2[j]));

    /// <summary>Bound on the second derivative; the second derivative at the point where there is none.</summary>
    public double Bound(int j)
    {
        double bound = Function.CurvatureBound(j);
        return double.IsFinite(bound) ? Enough(j, bound + Penalty.Separable.L2[j]) : Curvature(j);
    }

    /// <summary>Whether a step of a single coordinate with a metric of its second derivative needs no line search.</summary>
    public bool IsExact => Function.IsQuadratic;

    /// <summary>Reads the slopes of a block.</summary>
    public void ReadSlopes(ReadOnlySpan<int> coordinates)
    {
        for (int k = 0; k < coordinates.Length; k++) Slopes[k] = Slope(coordinates[k]);
    }

    /// <summary>
    /// Takes the step in <see cref="Direction"/>, halved until the objective falls by enough of what its first-order model
    /// promises; the length taken, 0 for none.
    /// </summary>
    /// <param name="atoms">The atoms of the block.</param>
    /// <param name="coordinates">Its coordinates, atom by atom.</param>
    /// <param name="gain">What the block's model gains: no more than what its first-order part promises, and known without cancellation.</param>
    /// <param name="isSafe">The step is known to descend.</param>
    public double Take(ReadOnlySpan<int> atoms, ReadOnlySpan<int> coordinates, double gain, bool isSafe)
    {
        ReadOnlySpan<double> direction = Direction.AsSpan(0, coordinates.Length);
        Function.Aim(coordinates, direction);
        if (isSafe)
        {
            Function.Move(1);
            return 1;
        }
        ReadOnlySpan<double> slopes = Slopes.AsSpan(0, coordinates.Length);
        // Slopes times direction and the change of what is not smooth; the smooth parts of the penalty stand in the slopes already.
        double promised = PenaltyChange(atoms, coordinates, direction, 1);
        for (int k = 0; k < coordinates.Length; k++)
        {
            int j = coordinates[k];
            promised += direction[k] * (slopes[k] - Penalty.Slope(j, Function.Point[j]) - (0.5 * Penalty.Separable.L2[j] * direction[k]));
        }
        promised = Math.Min(promised, -gain);
        if (!(promised < 0)) return 0;
        double rounding = 4e-16 * (1 + Math.Abs(Magnitude)), t = 1;
        for (int halving = 0; halving < MostHalvings; halving++, t *= 0.5)
        {
            double change = Function.Change(t) + PenaltyChange(atoms, coordinates, direction, t);
            if (change <= Sufficient * t * promised)
            {
                Function.Move(t);
                return t;
            }
            // Where the change drowns in rounding, the slopes tell.
            if (!(Math.Abs(change) <= 16 * rounding)) continue;
            double before = Distance(atoms);
            Function.Move(t);
            ReadSlopes(coordinates);
            if (Distance(atoms) < before) return t;
            Function.Move(-t);
            ReadSlopes(coordinates);
        }
        return 0;
    }

    /// <summary>The penalty at x + t d minus that at x.</summary>
    public double PenaltyChange(ReadOnlySpan<int> atoms, ReadOnlySpan<int> coordinates, ReadOnlySpan<double> direction, double t)
    {
        ReadOnlySpan<double> x = Function.Point;
        for (int k = 0; k < coordinates.Length; k++) _shifted[coordinates[k]] = Penalty.Clamp(coordinates[k], x[coordinates[k]] + (t * direction[k]));
        double change = 0;
        foreach (int a in atoms) change += Penalty.Value(a, _shifted) - Penalty.Value(a, x);
        return change;
    }

    /// <summary>Sum of the squared distances to the subdifferentials, from the slopes read last.</summary>
    private double Distance(ReadOnlySpan<int> atoms)
    {
        double sum = 0;
        int place = 0;
        foreach (int a in atoms)
        {
            int length = Penalty.Members(a).Length;
            double distance = Penalty.Distance(a, Function.Point, Slopes.AsSpan(place, length));
            sum += distance * distance;
            place += length;
        }
        return sum;
    }

    private double Enough(int j, double curvature) =>
        Math.Max(curvature, Math.Max(Math.Abs(Slope(j)) / (LongestStep * (1 + Math.Abs(Function.Point[j]))), Smallest)) + Proximal;
}
