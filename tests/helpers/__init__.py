"""What tests share: data made up, servers that misbehave, pages and browsers opened."""
