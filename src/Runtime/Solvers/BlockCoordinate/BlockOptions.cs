namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Which block comes next.</summary>
public enum SelectionRule
{
    /// <summary>In order, again and again.</summary>
    Cyclic,

    /// <summary>Each once an epoch, in a new random order every time.</summary>
    Shuffled,

    /// <summary>At random, all with the same probability.</summary>
    Random,

    /// <summary>At random, in proportion to the curvature bounds.</summary>
    Lipschitz,

    /// <summary>Gauss and Southwell: the largest distance of −∇f to the subdifferential.</summary>
    GaussSouthwell,

    /// <summary>That distance over √L.</summary>
    GaussSouthwellLipschitz,

    /// <summary>The largest decrease of the quadratic model.</summary>
    GaussSouthwellQuadratic,
}

/// <summary>What a block may hold.</summary>
public enum BlockShape
{
    /// <summary>So many coordinates.</summary>
    Size,

    /// <summary>As many as depend on each other without cycles.</summary>
    Forest,

    /// <summary>As many as do not depend on each other.</summary>
    Independent,
}

/// <summary>The metric of a block's model.</summary>
public enum UpdateKind
{
    /// <summary>One bound of the curvature for the block.</summary>
    Gradient,

    /// <summary>The second derivative of each coordinate.</summary>
    Diagonal,

    /// <summary>All second derivatives within the block.</summary>
    Matrix,
}

/// <summary>What is done with the iterates of whole epochs.</summary>
public enum AccelerationKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Anderson extrapolation of five epochs, taken when it lowers the objective.</summary>
    Anderson,

    /// <summary>Accelerated cyclic dual averaging with extrapolation, in place of descent.</summary>
    DualAveraging,

    /// <summary>The same on single observations of a loss, with variance reduction.</summary>
    VarianceReduction,
}

/// <summary>What can be set of block coordinate descent. Immutable.</summary>
public sealed record BlockOptions
{
    /// <summary>The rule. Default shuffled.</summary>
    public SelectionRule Rule { get; init; } = SelectionRule.Shuffled;

    /// <summary>Most coordinates of a block. Default 1; groups stay whole.</summary>
    public int BlockSize { get; init; } = 1;

    /// <summary>Whether <see cref="BlockSize"/> or the dependence of coordinates limits a block. Default size.</summary>
    public BlockShape Shape { get; init; }

    /// <summary>
    /// Blocks of the coordinates with the largest scores, gathered anew for every step; greedy rules only, and the random one for blocks that
    /// are limited by dependence.
    /// </summary>
    public bool Variable { get; init; }

    /// <summary>The update; null for the matrix update of forests and the diagonal one of other blocks.</summary>
    public UpdateKind? Update { get; init; }

    /// <summary>The acceleration. Default none.</summary>
    public AccelerationKind Acceleration { get; init; }

    /// <summary>Finishes with Newton's method on the coordinates away from their kinks when these stay the same.</summary>
    public bool Finish { get; init; } = true;

    /// <summary>μ of the term ½μ‖d‖² that is added to every block's model (proximal regularisation). Default 0.</summary>
    public double Proximal { get; init; }

    /// <summary>Largest distance of −∇f to the subdifferential, relative to max(1, ‖∇f‖∞), of a solution. Default 1e-8.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Limit on epochs: as many steps as there are blocks. Default 100,000.</summary>
    public int MaxEpochs { get; init; } = 100_000;

    /// <summary>
    /// Steps of an epoch, after which the point is looked at; 0 for as many as there are blocks. With variance reduction cycles through
    /// all blocks between two full gradients; 0 for as many as there are observations.
    /// </summary>
    public int EpochSteps { get; init; }

    /// <summary>Whether the rule is one of the greedy ones.</summary>
    public bool IsGreedy => Rule >= SelectionRule.GaussSouthwell;

    /// <summary>The update that is meant.</summary>
    public UpdateKind Metric => Update ?? (Shape == BlockShape.Forest ? UpdateKind.Matrix : UpdateKind.Diagonal);

    /// <summary>Whether dual averaging works in place of descent.</summary>
    public bool IsAveraging => Acceleration is AccelerationKind.DualAveraging or AccelerationKind.VarianceReduction;

    /// <summary>The options by name, for <c>--option key=value</c>.</summary>
    public static OptionTable<BlockOptions> Table { get; } = new(
    [
        new("rule", "cyclic, shuffled, random, lipschitz, gs, gsl or gsq", "which block comes next; gs, gsl, gsq are greedy (Gauss-Southwell, its Lipschitz and its quadratic form)", "shuffled",
            (o, v) => o with { Rule = RuleOf(v) }),
        new("block", "a whole number from 1, forest or independent", "coordinates of a block; forest: as many as depend on each other without cycles, independent: as many as do not depend on each other", "1",
            (o, v) => v switch
            {
                "forest" => o with { Shape = BlockShape.Forest },
                "independent" => o with { Shape = BlockShape.Independent },
                _ => o with { Shape = BlockShape.Size, BlockSize = AtLeastOne(v) },
            }),
        new("variable", "yes or no", "gather the block of the largest scores for every step, with a greedy rule (forests also with rule=random)", "no", (o, v) => o with { Variable = OptionTable<BlockOptions>.Flag(v) }),
        new("update", "gradient, diagonal or matrix", "metric of a block's step: one bound, second derivatives, or Newton's matrix", "diagonal; matrix for block=forest",
            (o, v) => o with { Update = UpdateOf(v) }),
        new("acceleration", "none, anderson, dual_averaging or variance_reduction", "extrapolate epochs; accelerated cyclic dual averaging; the same on single observations of a loss", "none",
            (o, v) => o with { Acceleration = AccelerationOf(v) }),
        new("finish", "yes or no", "Newton's method when the coordinates away from kinks stay the same", "yes", (o, v) => o with { Finish = OptionTable<BlockOptions>.Flag(v) }),
        new("proximal", "a number from 0", "weight of half the squared step that is added to every block's model", "0", (o, v) => o with { Proximal = NotNegative(v) }),
        new("tolerance", "a number from 1e-14 to 1e-1", "distance of the negative gradient to the subdifferential, relative to max(1, |gradient|)", "1e-8",
            (o, v) => o with { Tolerance = Between(v, 1e-14, 0.1) }),
        new("max_epochs", "a whole number from 1", "limit on epochs of as many steps as there are blocks", "100000", (o, v) => o with { MaxEpochs = AtLeastOne(v) }),
    ]);

    /// <summary>Throws <see cref="ArgumentException"/> for options that exclude each other.</summary>
    public void Validate()
    {
        bool isByDependence = Shape != BlockShape.Size;
        if (Variable && !IsGreedy && !(isByDependence && Rule == SelectionRule.Random))
            throw new ArgumentException($"variable=yes gathers the largest scores, which only the greedy rules have: name rule=gs, gsl or gsq{(isByDependence ? ", or rule=random for a random order" : "")}.");
        if (Shape == BlockShape.Forest && Metric != UpdateKind.Matrix) throw new ArgumentException("block=forest is for update=matrix, which it makes as cheap as the block is long: leave update out.");
        if (Acceleration == AccelerationKind.Anderson && IsGreedy) throw new ArgumentException("acceleration=anderson extrapolates epochs, which greedy rules do not have: name rule=cyclic or shuffled.");
        if (!IsAveraging) return;
        string name = Acceleration == AccelerationKind.DualAveraging ? "dual_averaging" : "variance_reduction";
        if (Rule is not (SelectionRule.Cyclic or SelectionRule.Shuffled)) throw new ArgumentException($"acceleration={name} goes through the blocks in order: leave rule out.");
        if (isByDependence || Update == UpdateKind.Matrix || Proximal > 0) throw new ArgumentException($"acceleration={name} has steps of its own: leave out block=forest, block=independent, update=matrix and proximal.");
    }

    private static SelectionRule RuleOf(string text) => text switch
    {
        "cyclic" => SelectionRule.Cyclic,
        "shuffled" => SelectionRule.Shuffled,
        "random" => SelectionRule.Random,
        "lipschitz" => SelectionRule.Lipschitz,
        "gs" => SelectionRule.GaussSouthwell,
        "gsl" => SelectionRule.GaussSouthwellLipschitz,
        "gsq" => SelectionRule.GaussSouthwellQuadratic,
        _ => throw new FormatException(),
    };

    private static UpdateKind UpdateOf(string text) => text switch
    {
        "gradient" => UpdateKind.Gradient,
        "diagonal" => UpdateKind.Diagonal,
        "matrix" => UpdateKind.Matrix,
        _ => throw new FormatException(),
    };

    private static AccelerationKind AccelerationOf(string text) => text switch
    {
        "none" => AccelerationKind.None,
        "anderson" => AccelerationKind.Anderson,
        "dual_averaging" => AccelerationKind.DualAveraging,
        "variance_reduction" => AccelerationKind.VarianceReduction,
        _ => throw new FormatException(),
    };

    private static double Between(string text, double low, double high)
    {
        double value = OptionTable<BlockOptions>.Number(text);
        return value >= low && value <= high ? value : throw new FormatException();
    }

    private static double NotNegative(string text) => Between(text, 0, double.MaxValue);

    private static int AtLeastOne(string text)
    {
        int value = OptionTable<BlockOptions>.Whole(text);
        return value >= 1 ? value : throw new FormatException();
    }
}
