using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Anderson extrapolation of epochs (Bertrand, Massias, AISTATS 2021), taken when it lowers the objective.</summary>
internal sealed class EpochExtrapolation
{
    private readonly BlockState _state;
    private readonly Anderson _anderson = new();
    private readonly double[] _here, _there;

    public EpochExtrapolation(BlockState state)
    {
        _state = state;
        int n = state.Penalty.VariableCount;
        (_here, _there) = (new double[n], new double[n]);
        _anderson.Reset(n);
    }

    public void AfterEpoch()
    {
        SmoothFunction f = _state.Function;
        f.Point.CopyTo(_anderson.Next());
        if (!_anderson.IsFull) return;
        bool isFound = _anderson.Extrapolate(_there);
        _anderson.Reset(_here.Length);
        if (!isFound) return;
        for (int j = 0; j < _there.Length; j++) _there[j] = _state.Penalty.Clamp(j, _there[j]);
        double before = f.Value() + _state.Penalty.Value(f.Point);
        f.Point.CopyTo(_here);
        f.MoveTo(_there);
        double after = f.Value() + _state.Penalty.Value(f.Point);
        if (!(after < before)) f.MoveTo(_here);
    }
}
