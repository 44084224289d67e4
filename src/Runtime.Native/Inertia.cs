namespace Optc.Runtime.Native;

/// <summary>Numbers of positive, negative and zero eigenvalues of a symmetric matrix.</summary>
public readonly record struct Inertia(int Positive, int Negative, int Zero);
