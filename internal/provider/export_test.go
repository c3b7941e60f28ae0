package provider

// RemedyFor is what an error of the client is told to be mended by.
var RemedyFor = remedyFor
