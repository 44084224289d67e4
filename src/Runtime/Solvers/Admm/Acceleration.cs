namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// The safeguarded step of a splitting u ← F(u): Anderson's proposal where there is one, and back to the plain image of the point before where the proposal has
/// made the residual ‖F(u) − u‖ more than twice as large.
/// </summary>
/// <param name="length">Length of u.</param>
/// <param name="memory">Steps that are remembered; 0 for plain iterations.</param>
internal sealed class Acceleration(int length, int memory)
{
    /// <summary>Growth of the squared residual from which a proposal is rejected.</summary>
    private const double Growth = 4.0;

    private readonly Anderson? _anderson = memory > 0 ? new Anderson(length, memory) : null;
    private readonly double[] _next = new double[length];
    private readonly double[] _fallback = new double[length];
    private double _lastNorm = double.PositiveInfinity;
    private bool _isProposal;

    /// <summary>
    /// Moves <paramref name="u"/>, whose image is given, one step; without a proposal when <paramref name="isPlain"/>. False when u was a proposal that is rejected.
    /// </summary>
    public bool Advance(double[] u, double[] image, bool isPlain)
    {
        double norm = 0.0;
        for (int k = 0; k < u.Length; k++) norm += (image[k] - u[k]) * (image[k] - u[k]);
        if (_isProposal && norm > Growth * _lastNorm)
        {
            _fallback.CopyTo(u, 0);
            Reset();
            return false;
        }
        _lastNorm = norm;
        _isProposal = !isPlain && _anderson is not null && _anderson.Propose(u, image, _next);
        image.CopyTo(_fallback, 0);
        (_isProposal ? _next : image).CopyTo(u, 0);
        return true;
    }

    /// <summary>Forgets all steps; the map has changed, or the point was moved.</summary>
    public void Reset()
    {
        _anderson?.Reset();
        _isProposal = false;
        _lastNorm = double.PositiveInfinity;
    }
}
