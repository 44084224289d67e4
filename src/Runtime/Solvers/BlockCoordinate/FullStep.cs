namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// A proximal gradient step of all atoms at once. An average is at a kink only where all it averages are; this step puts it there,
/// so that the distance to the subdifferential can be read.
/// </summary>
internal sealed class FullStep(BlockState state)
{
    private readonly double[] _target = new double[state.Penalty.VariableCount];
    private readonly double[] _slopes = new double[state.Penalty.VariableCount];
    private readonly double[] _step = new double[state.Penalty.VariableCount];

    /// <summary>Moves the function's point to prox(x − ∇f/L).</summary>
    public void Take(double lipschitz)
    {
        SmoothFunction f = state.Function;
        ReadOnlySpan<double> x = f.Point;
        for (int a = 0; a < state.Penalty.AtomCount; a++)
        {
            ReadOnlySpan<int> members = state.Penalty.Members(a);
            for (int k = 0; k < members.Length; k++) _slopes[k] = state.Slope(members[k]);
            state.Penalty.ProximalStep(a, x, _slopes.AsSpan(0, members.Length), lipschitz, _step.AsSpan(0, members.Length));
            for (int k = 0; k < members.Length; k++) _target[members[k]] = x[members[k]] + _step[k];
        }
        f.MoveTo(_target);
    }
}
