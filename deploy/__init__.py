"""What Careerstream runs on: images, monitoring, and the embedded broker and Redis."""
