using System.Runtime.InteropServices;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Templates;

/// <summary>
/// The compiled model as solvers see it: templates evaluated by their kernels, scattered to matrices through maps built
/// once, with stage values (nonlinear sums, defined variables) eliminated by the chain rule on static patterns. No
/// evaluation allocates. Where there are stage values, what one call computes at a point the next call at the same point
/// (bit by bit) uses again; where there are none, kernels read the caller's point, and nothing is copied or compared.
/// One thread at a time; <see cref="Clone"/> gives another thread its own.
/// </summary>
public sealed unsafe partial class TemplateProblem : INlpProblem
{
    private readonly TemplateStructure _structure;
    private readonly KernelRunner _runner;
    private readonly FirstOrderCells _gradient;
    private readonly FirstOrderCells _jacobian;
    private readonly FirstOrderCells _stages;
    private readonly HessianAssembly _hessian;
    private readonly double[] _objectiveSum = Pinned.Zeros<double>(1);
    private readonly bool _readsCaller;
    private readonly double[] _stageAdjoints;
    private readonly double[] _stageWeights;
    private Known _known;
    private LeastSquaresForm? _leastSquares;
    private double _objective;

    /// <summary>Analyses and maps a model. Throws <see cref="ArgumentException"/> if the definition contradicts itself.</summary>
    public TemplateProblem(TemplateProblemDefinition definition)
        : this(new TemplateStructure(definition))
    {
        _lower = [.. definition.VariableLower];
        _upper = [.. definition.VariableUpper];
        _sideLower = [.. definition.ConstraintLower];
        _sideUpper = [.. definition.ConstraintUpper];
        _start = [.. definition.Start];
        if (definition.DeclaredValues is not null)
            SetDeclaredValues(definition.DeclaredValues);
    }

    private TemplateProblem(TemplateProblem other)
        : this(other._structure)
    {
        LeastSquaresSource = other.LeastSquaresSource;
        _lower = [.. other._lower];
        _upper = [.. other._upper];
        _sideLower = [.. other._sideLower];
        _sideUpper = [.. other._sideUpper];
        _start = [.. other._start];
        SetDeclaredValues(other._runner.Point.AsSpan(0, _structure.DeclaredCount));
    }

    private TemplateProblem(TemplateStructure structure)
    {
        _structure = structure;
        _runner = new KernelRunner(structure);
        _gradient = new FirstOrderCells(structure.ObjectiveSums, structure.Columns.FreeCount);
        _jacobian = new FirstOrderCells(structure.ConstraintSums, structure.JacobianPattern.Count);
        // The stages' own derivatives are never handed out: −1 keeps the cells here.
        _stages = new FirstOrderCells(structure.StageSums, -1);
        _readsCaller = structure.StageCount == 0 && structure.FreePositions is null;
        _hessian = new HessianAssembly(structure);
        _stageAdjoints = new double[structure.StageCount];
        _stageWeights = Pinned.Zeros<double>(structure.StageCount);
        _lower = _upper = _sideLower = _sideUpper = _start = [];
    }

    /// <summary>What has been computed at the current point.</summary>
    [Flags]
    private enum Known
    {
        Nothing = 0,
        StageValues = 1,
        StageDerivatives = 2,
        Objective = 4,
        Gradient = 8,
        Jacobian = 16,
        Point = 32,
        Adjoints = 64,
    }

    /// <inheritdoc/>
    public int VariableCount => _structure.Columns.FreeCount;

    /// <inheritdoc/>
    public int ConstraintCount => _structure.JacobianPattern.MajorCount;

    /// <inheritdoc/>
    public ProblemStructure Structure => _structure.Problem;

    /// <inheritdoc/>
    public SparsePattern JacobianPattern => _structure.JacobianPattern;

    /// <inheritdoc/>
    public SparsePattern HessianPattern => _structure.HessianPattern;

    /// <summary>Makes the problem's form as one of least squares, for each clone its own; null where nobody looks for one.</summary>
    public Func<TemplateProblem, LeastSquaresForm>? LeastSquaresSource { get; set; }

    /// <inheritdoc/>
    public LeastSquaresForm LeastSquares => _leastSquares ??= LeastSquaresSource?.Invoke(this) ?? LeastSquaresForm.Unknown;

    /// <summary>How often each function was asked for, at new points or old.</summary>
    public EvaluationCounts Counts { get; private set; }

    /// <summary>Starts the counts at zero.</summary>
    public void ResetCounts() => Counts = default;

    /// <summary>A problem with the same structure, tables and data, and a workspace, bounds, sides, start and fixed values
    /// of its own, for another thread.</summary>
    public TemplateProblem Clone() => new(this);

    /// <inheritdoc/>
    public double Objective(ReadOnlySpan<double> x)
    {
        Counts = Counts with { Objective = Counts.Objective + 1 };
        fixed (double* at = x)
        {
            MoveTo(x, at);
            return KnowObjective();
        }
    }

    /// <inheritdoc/>
    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        fixed (double* at = x)
        {
            MoveTo(x, at);
            Gradient(gradient, withObjective: true);
            return KnowObjective();
        }
    }

    /// <inheritdoc/>
    public void GradientOnly(ReadOnlySpan<double> x, Span<double> gradient)
    {
        fixed (double* at = x)
        {
            MoveTo(x, at);
            Gradient(gradient, withObjective: false);
        }
    }

    /// <inheritdoc/>
    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        DefinitionChecks.Length(values, ConstraintCount, nameof(values));
        Counts = Counts with { Constraints = Counts.Constraints + 1 };
        fixed (double* at = x)
        {
            MoveTo(x, at);
            KnowStageValues();
            SumRows(_structure.ConstraintSums, values);
        }
    }

    /// <inheritdoc/>
    public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        DefinitionChecks.Length(values, JacobianPattern.Count, nameof(values));
        Counts = Counts with { Jacobian = Counts.Jacobian + 1 };
        fixed (double* at = x)
        {
            MoveTo(x, at);
            Jacobian(values, withConstraints: false, []);
        }
    }

    /// <inheritdoc/>
    public void ConstraintsAndJacobian(ReadOnlySpan<double> x, Span<double> constraints, Span<double> jacobian)
    {
        DefinitionChecks.Length(constraints, ConstraintCount, nameof(constraints));
        DefinitionChecks.Length(jacobian, JacobianPattern.Count, nameof(jacobian));
        Counts = Counts with { Constraints = Counts.Constraints + 1, Jacobian = Counts.Jacobian + 1 };
        fixed (double* at = x)
        {
            MoveTo(x, at);
            if ((_known & Known.Jacobian) != 0)
            {
                SumRows(_structure.ConstraintSums, constraints);
                Jacobian(jacobian, withConstraints: false, []);
                return;
            }
            Clear(_structure.ConstraintSums, constraints);
            Jacobian(jacobian, withConstraints: true, constraints);
        }
    }

    /// <inheritdoc/>
    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        DefinitionChecks.Length(values, HessianPattern.Count, nameof(values));
        DefinitionChecks.Length(constraintWeights, ConstraintCount, nameof(constraintWeights));
        Counts = Counts with { Hessian = Counts.Hessian + 1 };
        fixed (double* at = x)
        {
            MoveTo(x, at);
            KnowStageValues();
            var sigma = objectiveWeight * _structure.ObjectiveSign;
            if (_structure.StageCount > 0)
                WeighStages(sigma, constraintWeights);
            _hessian.Assemble(_runner, sigma, constraintWeights, _stageWeights, _stages.Cells, values);
        }
    }

    private void Gradient(Span<double> gradient, bool withObjective)
    {
        DefinitionChecks.Length(gradient, VariableCount, nameof(gradient));
        Counts = Counts with { Gradient = Counts.Gradient + 1 };
        if (_gradient.WritesDirectly)
        {
            AssembleGradient(gradient, withObjective);
        }
        else
        {
            KnowGradient(withObjective);
            _gradient.Cells.AsSpan(0, gradient.Length).CopyTo(gradient);
        }
        if (_structure.ObjectiveSign < 0)
        {
            foreach (ref var entry in gradient)
                entry = -entry;
        }
    }

    /// <summary>The Jacobian's values and, if rows are given, the constraints'.</summary>
    private void Jacobian(Span<double> values, bool withConstraints, Span<double> constraints)
    {
        if (_jacobian.WritesDirectly)
        {
            KnowStageValues();
            AssembleJacobian(values, withConstraints, constraints);
        }
        else
        {
            KnowJacobian(withConstraints, constraints);
            _jacobian.Cells.AsSpan(0, values.Length).CopyTo(values);
        }
    }

    /// <summary>λ, the weight of each stage value: its adjoint in σf + wᵀc.</summary>
    private void WeighStages(double sigma, ReadOnlySpan<double> constraintWeights)
    {
        KnowGradient(withObjective: false);
        var adjoints = _stageAdjoints.AsSpan();
        for (var rank = 0; rank < adjoints.Length; rank++)
            adjoints[rank] = sigma * _gradient.Cells[VariableCount + rank];
        if (!_jacobian.WritesDirectly)
        {
            KnowJacobian(withConstraints: false, []);
            _structure.JacobianElimination!.AddAdjoints(_jacobian.Cells, constraintWeights, adjoints);
        }
        for (var rank = 0; rank < adjoints.Length; rank++)
            _stageWeights[_structure.Columns.StageOfRank[rank]] = adjoints[rank];
    }

    /// <summary>Lets kernels read the point: the caller's while it is pinned, or a copy with the fixed variables.</summary>
    private void MoveTo(ReadOnlySpan<double> x, double* pinned)
    {
        DefinitionChecks.Length(x, VariableCount, nameof(x));
        if (_readsCaller)
        {
            _runner.PointAddress = (long)pinned;
            _known = Known.Nothing;
            return;
        }
        var point = _runner.Point;
        if (_structure.FreePositions is not { } free)
        {
            var own = point.AsSpan(0, x.Length);
            if ((_known & Known.Point) != 0 && MemoryMarshal.AsBytes(x).SequenceEqual(MemoryMarshal.AsBytes(own)))
                return;
            x.CopyTo(own);
        }
        else
        {
            var same = (_known & Known.Point) != 0;
            for (var k = 0; k < free.Length; k++)
            {
                ref var own = ref point[free[k]];
                same &= BitConverter.DoubleToInt64Bits(own) == BitConverter.DoubleToInt64Bits(x[k]);
                own = x[k];
            }
            if (same)
                return;
        }
        _known = Known.Point;
    }

    private void AssembleJacobian(Span<double> cells, bool withConstraints, Span<double> constraints)
    {
        if (withConstraints)
            _jacobian.AssembleWithValues(_runner, cells, constraints);
        else
            _jacobian.Assemble(_runner, cells);
    }

    private static void Clear(FirstOrderSums sums, Span<double> rows)
    {
        foreach (var (first, end) in sums.Rows.Fill)
            rows[first..end].Clear();
    }

    private void SumRows(FirstOrderSums sums, Span<double> rows)
    {
        Clear(sums, rows);
        fixed (double* cells = rows)
            sums.Values.Run(_runner, cells);
    }

    private void KnowStageValues()
    {
        if (_structure.StageCount == 0 || (_known & Known.StageValues) != 0)
            return;
        _runner.Point.AsSpan(_structure.DeclaredCount).Clear();
        var values = (double*)Pinned.Address(_runner.Point) + _structure.DeclaredCount;
        foreach (var run in _structure.Schedule)
            _runner.Run(run.Template, _structure.Templates[run.Template].Kernels.Value, run.Start, run.End, _structure.StageRows.Plans[run.Template]!, values, null, null);
        _known |= Known.StageValues;
    }

    private double KnowObjective()
    {
        if ((_known & Known.Objective) == 0)
        {
            KnowStageValues();
            SumRows(_structure.ObjectiveSums, _objectiveSum);
            SetObjective();
        }
        return _objective;
    }

    private void SetObjective()
    {
        _objective = _structure.ObjectiveSign * (_structure.ObjectiveOffset + _objectiveSum[0]);
        _known |= Known.Objective;
    }

    /// <summary>The extended gradient before it is swept back, and the objective with it where that is not known.</summary>
    private void AssembleGradient(Span<double> cells, bool withObjective)
    {
        if (!withObjective || (_known & Known.Objective) != 0)
        {
            _gradient.Assemble(_runner, cells);
            return;
        }
        Clear(_structure.ObjectiveSums, _objectiveSum);
        _gradient.AssembleWithValues(_runner, cells, _objectiveSum);
        SetObjective();
    }

    private void KnowStageDerivatives()
    {
        if (_structure.StageCount == 0 || (_known & Known.StageDerivatives) != 0)
            return;
        KnowStageValues();
        _stages.Assemble(_runner, _stages.Cells);
        _known |= Known.StageDerivatives;
    }

    /// <summary>The objective's extended gradient, swept back: its stage part is the adjoint of the stage values.</summary>
    private void KnowGradient(bool withObjective)
    {
        if ((_known & Known.Gradient) != 0)
            return;
        KnowStageDerivatives();
        var cells = _gradient.Cells;
        AssembleGradient(cells, withObjective);
        var pattern = _structure.StagePattern;
        for (var rank = _structure.StageCount - 1; rank >= 0; rank--)
        {
            var adjoint = cells[VariableCount + rank];
            for (var k = pattern.Starts[rank]; k < pattern.Starts[rank + 1]; k++)
                cells[pattern.Indices[k]] += adjoint * _stages.Cells[k];
        }
        _known |= Known.Gradient;
    }

    private void KnowJacobian(bool withConstraints, Span<double> constraints)
    {
        if ((_known & Known.Jacobian) != 0)
            return;
        KnowStageDerivatives();
        AssembleJacobian(_jacobian.Cells, withConstraints, constraints);
        _structure.JacobianElimination?.Run(_jacobian.Cells, _structure.StagePattern, _stages.Cells);
        _known |= Known.Jacobian;
    }
}
