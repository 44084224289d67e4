using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// Newton's step on the coordinates of a block that are away from kinks, in two metrics: coordinates at a kink of which −∇f lies in
/// the subdifferential stay, the others move by the matrix and stop at the kinks they would cross (Bertsekas, SIAM J. Control 20,
/// 1982; Nutini, Laradji, Schmidt, JMLR 23, 2022). Where a coordinate has to leave its kink, or the matrix step does
/// not descend, the diagonal step is taken.
/// </summary>
internal sealed class MatrixUpdate : BlockUpdate
{
    private const int MostHalvings = 12;

    private readonly DiagonalUpdate _diagonal;
    private readonly ForestSystem? _forest;
    private readonly int[] _free, _place;
    private readonly double[] _step, _start;
    private double[] _matrix = [];

    public MatrixUpdate(BlockState state, bool isForest)
        : base(state)
    {
        int n = state.Penalty.VariableCount;
        _diagonal = new DiagonalUpdate(state);
        (_free, _place, _step, _start) = (new int[n], new int[n], new double[n], new double[n]);
        _forest = isForest ? new ForestSystem(n) : null;
    }

    public override double Step(ReadOnlySpan<int> atoms, ReadOnlySpan<int> coordinates)
    {
        // Who has to leave a kink does so by a diagonal step; the matrix is for what is smooth.
        double moved = 0;
        if (LeavesKink(atoms)) moved = _diagonal.Step(atoms, coordinates);
        double newton = Newton(atoms, coordinates);
        if (newton == 0 && moved == 0) moved = _diagonal.Step(atoms, coordinates);
        return Math.Max(moved, newton);
    }

    /// <summary>Newton's step alone; 0 when it does not descend.</summary>
    public double Newton(ReadOnlySpan<int> atoms, ReadOnlySpan<int> coordinates)
    {
        int count = 0;
        for (int place = 0; place < coordinates.Length; place++)
        {
            if (State.Penalty.IsAtKink(coordinates[place], State.Function.Point)) continue;
            (_free[count], _place[count]) = (coordinates[place], place);
            count++;
        }
        if (count == 0) return 0;
        ReadOnlySpan<int> free = _free.AsSpan(0, count);
        Span<double> step = _step.AsSpan(0, count);
        for (int k = 0; k < count; k++) step[k] = -SmoothSlope(free[k]);
        double largestSlope = VectorKernels.MaxAbs(step);
        if (largestSlope == 0 || !Solve(free, step)) return 0;
        return Search(atoms, coordinates, free, step);
    }

    private bool LeavesKink(ReadOnlySpan<int> atoms)
    {
        SmoothFunction f = State.Function;
        foreach (int a in atoms)
        {
            ReadOnlySpan<int> members = State.Penalty.Members(a);
            if (!State.Penalty.IsAtKink(members[0], f.Point)) continue;
            State.ReadSlopes(members);
            if (State.Penalty.Distance(a, f.Point, State.Slopes.AsSpan(0, members.Length)) > 0) return true;
        }
        return false;
    }

    /// <summary>Derivative of the whole objective by a coordinate away from its kinks.</summary>
    private double SmoothSlope(int j)
    {
        double x = State.Function.Point[j];
        double slope = State.Slope(j) + (State.Penalty.Separable.L1[j] * Math.Sign(x));
        int atom = State.Penalty.AtomOf(j);
        return State.Penalty.Weight(atom) > 0 ? slope + (State.Penalty.Weight(atom) * x / Norm(atom)) : slope;
    }

    private double Norm(int atom)
    {
        double squares = 0;
        foreach (int j in State.Penalty.Members(atom)) squares += State.Function.Point[j] * State.Function.Point[j];
        return Math.Sqrt(squares);
    }

    /// <summary>step ← H⁻¹ step over the free coordinates, the diagonal raised until H is positive definite.</summary>
    private bool Solve(ReadOnlySpan<int> free, Span<double> step)
    {
        double raise = 0, largest = _forest?.Read(State, free) ?? 0;
        for (int attempt = 0; attempt < 30; attempt++)
        {
            if (_forest is null) largest = ReadMatrix(free, raise);
            if (_forest?.Factor(raise) ?? DenseCholesky.Factor(_matrix, free.Length, free.Length))
            {
                if (_forest is null) DenseCholesky.Solve(_matrix, free.Length, free.Length, step);
                else _forest.Solve(step);
                return VectorKernels.AllFinite(step);
            }
            raise = Math.Max(10 * raise, 1e-10 * Math.Max(largest, 1e-10));
        }
        return false;
    }

    /// <summary>H + raise · I into the dense matrix; the largest entry of H's diagonal.</summary>
    private double ReadMatrix(ReadOnlySpan<int> free, double raise)
    {
        int b = free.Length;
        if (_matrix.Length < b * b) _matrix = new double[b * b];
        State.Function.Hessian(free, _matrix);
        double largest = AddPenalty(free);
        for (int k = 0; k < b; k++) _matrix[(k * b) + k] += raise;
        return largest;
    }

    /// <summary>Second derivatives of the penalty, and μ; the largest entry of the diagonal.</summary>
    private double AddPenalty(ReadOnlySpan<int> free)
    {
        int b = free.Length;
        double largest = 0;
        for (int k = 0; k < b; k++)
        {
            int j = free[k], atom = State.Penalty.AtomOf(j);
            _matrix[(k * b) + k] += State.Penalty.Separable.L2[j] + State.Proximal;
            double weight = State.Penalty.Weight(atom);
            if (weight > 0)
            {
                // w (I/‖x‖ − x xᵀ/‖x‖³) on the group's members.
                double norm = Norm(atom);
                ReadOnlySpan<double> x = State.Function.Point;
                _matrix[(k * b) + k] += weight / norm;
                for (int l = 0; l < b; l++)
                {
                    if (State.Penalty.AtomOf(free[l]) == atom) _matrix[(k * b) + l] -= weight * x[j] * x[free[l]] / (norm * norm * norm);
                }
            }
            largest = Math.Max(largest, Math.Abs(_matrix[(k * b) + k]));
        }
        return largest;
    }

    /// <summary>Halves the step, each time cut off at kinks, until it descends; the largest change, 0 when it never does.</summary>
    private double Search(ReadOnlySpan<int> atoms, ReadOnlySpan<int> coordinates, ReadOnlySpan<int> free, ReadOnlySpan<double> step)
    {
        int count = free.Length;
        Span<double> direction = State.Direction.AsSpan(0, coordinates.Length);
        direction.Clear();
        for (int k = 0; k < count; k++) _start[k] = SmoothSlope(free[k]);
        double rounding = 64 * 4e-16 * (1 + Math.Abs(State.Magnitude)), t = 1;
        for (int halving = 0; halving < MostHalvings; halving++, t *= 0.5)
        {
            double promised = 0, largest = 0;
            for (int k = 0; k < count; k++)
            {
                double x = State.Function.Point[free[k]];
                double change = CutOff(free[k], x, x + (t * step[k])) - x;
                direction[_place[k]] = change;
                promised += _start[k] * change;
                largest = Math.Max(largest, Math.Abs(change));
            }
            if (!(promised < 0)) continue;
            State.Function.Aim(coordinates, direction);
            double fall = State.Function.Change(1) + State.PenaltyChange(atoms, coordinates, direction, 1);
            bool drowns = Math.Abs(fall) <= rounding;
            if (!(fall <= 1e-4 * promised) && !drowns) continue;
            State.Function.Move(1);
            if (!drowns || SlopesShrank(free)) return largest;
            State.Function.Move(-1);
        }
        return 0;
    }

    /// <summary>Where the change drowns in rounding: whether the largest slope has become smaller.</summary>
    private bool SlopesShrank(ReadOnlySpan<int> free)
    {
        double before = 0, after = 0;
        for (int k = 0; k < free.Length; k++)
        {
            before = Math.Max(before, Math.Abs(_start[k]));
            if (!State.Penalty.IsAtKink(free[k], State.Function.Point)) after = Math.Max(after, Math.Abs(SmoothSlope(free[k])));
        }
        return after < before;
    }

    /// <summary>No further than the kink or the bound on the way.</summary>
    private double CutOff(int j, double x, double target)
    {
        if (State.Penalty.Separable.L1[j] > 0 && Math.Sign(target) == -Math.Sign(x)) target = 0;
        return State.Penalty.Clamp(j, target);
    }
}
